"""What the processes write to their standard error: a line for each event."""

import re
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

# An address that is a secret itself: a payment link, an invitation, the link of a new password.
_TOKEN: Final = re.compile(
    r"((?:/|%2F)(?:pay|invitations|reset(?:/|%2F)key|confirm-email)(?:/|%2F)|invitation(?:=|%3D))"
    r"[^/?&%\s\"']+",
    re.IGNORECASE,
)


def without_tokens(text: str) -> str:
    """Return a line for the log in which no link works any more."""
    return _TOKEN.sub(r"\1…", text)


def hide_tokens(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Take the secrets of addresses out of everything that an event says."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = without_tokens(value)
    return event


def without_secret_address(event: Any, hint: Any) -> Any:
    """Do the same to what is reported to Sentry about a request."""
    request = event.get("request", {})
    for name in ("url", "query_string"):
        if isinstance(request.get(name), str):
            request[name] = without_tokens(request[name])
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    hide_tokens,
]


def configure(*, as_json: bool, level: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING: JSON for machines or plain lines for people."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        "foreign_pre_chain": SHARED,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"django_structlog": {"level": "INFO" if as_json else "WARNING"}},
    }
