"""Structured logs: one event a line, with the request's id on every line of that request."""

import logging.config
import sys
from typing import Any

import structlog

# Names that must not reach a log, whoever passes them.
_SECRETS = {
    "password",
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "code",
    "email",
    "address",
    "authorization",
}


# What every line says besides its event: on Lambda, the invocation (cloudcart.aws.lambda_context).
process_fields: dict[str, Any] = {}


def configure(options: dict[str, Any]) -> None:
    """Set up structlog and the standard library's logging alike; Django calls this at start.

    :param options: ``level`` and ``format`` ("json" or "console").
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_process_fields,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _drop_secrets,
    ]
    logging.config.dictConfig(_handlers(shared, options))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _handlers(shared: list[Any], options: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": _formatter, "shared": shared, "style": options["format"]}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": options["level"]},
        "loggers": {
            "botocore": {"level": "WARNING"},
            "boto3": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            "pynamodb": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            # It writes addresses with their query, where the key to a guest's order may be.
            "zappa": {"level": "WARNING"},
        },
    }


def _formatter(shared: list[Any], style: str) -> structlog.stdlib.ProcessorFormatter:
    # Both styles would print the values of variables in a traceback, which may be passwords and tokens.
    if style == "json":
        without_values = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        processors: list[Any] = [structlog.processors.ExceptionRenderer(without_values)]
        renderer: Any = structlog.processors.JSONRenderer()
    else:
        processors = []
        plain = structlog.dev.plain_traceback
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[remove_meta, *processors, renderer]
    )


def _add_process_fields(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    return process_fields | event


def _drop_secrets(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    return {key: "[removed]" if key in _SECRETS else value for key, value in event.items()}
