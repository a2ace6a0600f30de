"""Counts the SQL of a request into a response header, while measuring only."""

import os
from collections.abc import Callable
from time import perf_counter, thread_time
from typing import Any

from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponse

HEADER = "X-Bench"


class Counter:
    """An execute wrapper that adds up."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0
        self.slowest = 0.0
        self.text = ""

    def __call__(
        self, execute: Callable, sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        started = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took = perf_counter() - started
            self.count += 1
            self.seconds += took
            if took > self.slowest:
                self.slowest, self.text = took, str(sql)


class BenchMiddleware:
    """Outermost: `X-Bench: <queries> <ms in queries> <ms in the server> <ms of CPU>`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if os.environ.get("CRM_BENCH") != "1":
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        counter = Counter()
        started, busy = perf_counter(), thread_time()
        with connection.execute_wrapper(counter):
            response = self.get_response(request)
            if getattr(response, "is_rendered", True) is False:
                response.render()
        total = perf_counter() - started
        busy = thread_time() - busy
        response[HEADER] = (
            f"{counter.count} {counter.seconds * 1000:.2f} {total * 1000:.2f} {busy * 1000:.2f}"
        )
        response["X-Bench-Slowest"] = (
            " ".join(f"{counter.slowest * 1000:.1f} {counter.text}".split())[:1500]
            .encode("ascii", "replace")
            .decode()
        )
        return response
