"""Structured log lines: JSON for machines, colored text for a terminal."""

from __future__ import annotations

import logging.config
import re
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any

import structlog

# The token of an invitation, in a path
TOKEN = re.compile(r"(/invitation/[^/\s]+/)[^/\s]+")


def hide_tokens(
    logger: object,  # noqa: ARG001 - structlog's signature
    method: str,  # noqa: ARG001
    event: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    """Remove the tokens of invitations from the path of a request and from Django's messages."""
    for name in event.keys() & {"event", "path"}:
        event[name] = TOKEN.sub(r"\1…", str(event[name]))
    return event


def is_not_unavailable(record: logging.LogRecord) -> bool:
    """Return False for Django's line about a 503, with a traceback: the request's own has why."""
    return getattr(record, "status_code", 0) != HTTPStatus.SERVICE_UNAVAILABLE


def configure(options: dict[str, Any]) -> None:
    """Send every logger through structlog. Django calls this with the LOGGING setting."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=("status_code",)),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_tokens,
    ]
    if options["format"] == "json":
        ending = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        # The default formatter prints local variables, and passwords with them.
        plain = structlog.dev.plain_traceback
        ending = [structlog.dev.ConsoleRenderer(exception_formatter=plain)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        *ending,
                    ],
                }
            },
            "filters": {"failures": {"()": lambda: is_not_unavailable}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": "INFO"},
            # The request's own line reports a 4xx and a 503. Only other failures need more.
            "loggers": {
                "django": {
                    "handlers": []
                },  # with DEBUG, Django's own handler would repeat each line
                "django.request": {"level": "ERROR", "filters": ["failures"]},
                "django.security": {"level": "CRITICAL"},
            },
        }
    )
