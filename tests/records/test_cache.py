"""The cache shares a Redis with the queue and must not empty it."""

import redis
from django.conf import settings
from django.core.cache import cache


def test_clearing_leaves_the_keys_of_others():
    server = redis.from_url(settings.REDIS_URL)
    server.set("queue-of-somebody", "1", ex=60)
    cache.set("mine", 1)
    cache.clear()
    assert cache.get("mine") is None
    assert server.delete("queue-of-somebody") == 1
