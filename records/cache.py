"""The cache survives an outage of Redis: a miss instead of an error."""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class SteadyClient(RedisCacheClient):
    """One client for reads and one for writes; Django would make one for every call."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._made: dict[bool, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if write not in self._made:
            self._made[write] = super().get_client(key, write=write)
        return self._made[write]


class ForgivingRedisCache(RedisCache):
    """Redis is disposable: reads miss, writes are dropped while it is away."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._class = SteadyClient

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except RedisError:
            logger.warning("cache unavailable on get")
            return default

    def set(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().set(*args, **kwargs)
        except RedisError:
            logger.warning("cache unavailable on set")

    def add(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return super().add(*args, **kwargs)
        except RedisError:
            logger.warning("cache unavailable on add")
            return True

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """The number after counting; 0 while Redis is away or when the key has just ended."""
        try:
            return super().incr(key, delta, version)
        except (RedisError, ValueError):
            return 0

    def delete(self, key: str, version: int | None = None) -> bool:
        try:
            return super().delete(key, version)
        except RedisError:
            logger.warning("cache unavailable on delete")
            return False

    def clear(self) -> bool:
        """Only the keys of this cache: the queue of the workers may live in the same database."""
        try:
            client = self._cache.get_client(key=None, write=True)
            for key in client.scan_iter(match=f"{self.key_prefix}:*", count=500):
                client.delete(key)
        except RedisError:
            logger.warning("cache unavailable on clear")
        return True
