"""What sign-in remembers between requests: failed attempts, so that guessing becomes slow."""

from django.db import models


class Brake(models.Model):
    """Failures counted for one key: an account at an address, an address, an account, a device.

    Kept in PostgreSQL, so that an empty or absent cache does not give the attempts back. The key is
    a keyed hash: people type passwords into the wrong field.
    """

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["failed_at"], name="brake_failed_at")]

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.failures}"
