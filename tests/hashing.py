"""The product's own password hasher at the least cost: tests sign in hundreds of times."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class LightArgon2(Argon2PasswordHasher):
    """Argon2 with one pass over eight kilobytes; never outside the tests."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
