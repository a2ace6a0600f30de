"""Lines of the log: one event is one line, in UTC; nothing a stranger sends can forge another."""

import logging
import time


def one_line(text: str) -> str:
    """Control signs, line separators and signs that turn the direction are written as escapes."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )


class LineFormatter(logging.Formatter):
    """`2026-01-31T10:15:00Z WARNING name message`; the lines of a traceback are indented."""

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%SZ"
    default_msec_format = None

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = one_line(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:
        lines = super().formatException(ei).splitlines()  # type: ignore[arg-type]
        return "\n".join(f"  {one_line(line)}" for line in lines)
