"""Logs: text for people, JSON for collectors, and in neither a token, a key or a whole phone number."""

import json
import logging
import re
import sys
from collections.abc import Iterable

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.settings import Log

#: A bot's token, or a signed one such as t2's, whoever's it is.
_TOKEN = re.compile(r"\d{6,12}:[A-Za-z0-9_-]{20,}|eyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]+)?")
#: Nine digits and more, as people write them too, are a phone number, or something as private. A date is not.
_NUMBER = re.compile(r"(?<!\d)(?!\d{4}-\d\d-\d\d)\+?\d(?:[ \u00a0()-]{0,3}\d){8,}")
#: Fields whose value never helps and may hold a secret.
_SECRET_FIELDS = re.compile(r"token|secret|password|api_?key|authorization|crm_token", re.IGNORECASE)


#: Shorter words stand in too many lines that hold no secret.
_SHORTEST = 4
#: Secrets that came up while the program ran.
_learned: set[str] = set()


def learn(kept: str) -> None:
    """Mask from now on what a PBX's adapter keeps for itself, tokens that were replaced: JSON or one value."""
    try:
        values = json.loads(kept)
    except ValueError:
        values = kept
    found = values.values() if isinstance(values, dict) else [values]
    _learned.update(one for one in found if isinstance(one, str) and len(one) >= _SHORTEST)


class Redacts:
    """A processor that masks what must not be written down."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = {one for one in secrets if len(one) >= _SHORTEST}

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        return {key: self._field(key, value) for key, value in event.items()}

    def _field(self, key: str, value: object) -> object:
        if key in ("timestamp", "level"):
            return value
        if _SECRET_FIELDS.search(key):
            return "***"
        return self._value(value)

    def _value(self, value: object) -> object:
        match value:
            case str():
                return self.text(value)
            case None | bool() | int() | float():
                return value
            case dict():
                return {name: self._field(str(name), one) for name, one in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._value(one) for one in value]
        return self.text(repr(value))

    def text(self, text: str) -> str:
        """`text` with secrets and tokens masked, and of numbers all but the last four digits."""
        for secret in sorted(self._secrets | _learned, key=len, reverse=True):
            text = text.replace(secret, "***")
        return _NUMBER.sub(_last_four, _TOKEN.sub("***", text))


def _last_four(number: re.Match[str]) -> str:
    return "…" + "".join(filter(str.isdigit, number.group()))[-4:]


def configure(settings: Log, secrets: Iterable[str]) -> None:
    """Send our own logs and those of the libraries to stderr in one form."""
    redacts = Redacts(secrets)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redacts,
            last,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    for chatty in ("aiogram.event", "apscheduler", "httpx", "httpcore", "aiohttp.access", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
