"""Logs: one JSON object a line in production, one readable line elsewhere, each with its request's id."""

import json
import logging
import re
import time
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")

access_log = logging.getLogger("kam.request")

# What a log record always has: everything beyond it was given by the caller through `extra=`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id"}
# Django hands over the request itself, which is neither JSON nor anybody's business in a log.
_NOT_LOGGED = frozenset({"request", "server_time"})
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current := request_id.get():
            line["request_id"] = current
        for name, value in vars(record).items():
            if name not in _STANDARD and name not in _NOT_LOGGED:
                line[name] = value
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


class Readable(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s  %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        current = request_id.get()
        return f"{line}  [{current[:8]}]" if current and record.levelno >= logging.WARNING else line


class RequestLogMiddleware:
    """Gives each request an id, sends it back as X-Request-ID and writes one line when it is answered.

    A proxy's own id is kept, so that its log and ours can be read side by side. The line has the
    path without its query, which may hold names of clients.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get("X-Request-ID", "")
        current = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(current)
        begun = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = current
            if access_log.isEnabledFor(logging.INFO):
                self._write(request, response, time.perf_counter() - begun)
            return response
        finally:
            request_id.reset(token)

    def _write(self, request, response, seconds: float) -> None:
        milliseconds = round(seconds * 1000, 1)
        access_log.info(
            "%s %s %s %s ms",
            request.method,
            request.path,
            response.status_code,
            milliseconds,
            extra={
                "method": request.method,
                "path": request.path,
                "status": response.status_code,
                "milliseconds": milliseconds,
            },
        )


def logging_config(*, json_lines: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING. Locally single requests are not logged unless LOG_LEVEL=DEBUG asks for it."""
    access_level = "INFO" if json_lines or level == "DEBUG" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "kam.logging.JsonLines" if json_lines else "kam.logging.Readable"}
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.db.backends": {"level": "INFO"},
            "kam.request": {"level": access_level},
            "celery": {"level": "INFO" if json_lines else "WARNING"},
            "fontTools": {"level": "WARNING"},
            "weasyprint": {"level": "ERROR"},
        },
    }
