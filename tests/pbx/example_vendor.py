"""The smallest phone system there can be: the example of `docs/adding-a-phone-system.md`, whole.

"Bell" is made up. Its manual fits on a card:

    It posts JSON to us: {"call": "b1", "from": "+7…", "state": "missed", "at": 1773824400, "key": "…"}, where `state`
    is missed, answered or reached (our call to `from`), and `by` names who talked.
    We post JSON to /calls with its key in the header `X-Bell-Key`: {"who": "anna", "to": "79…"}.
    GET /people lists who works there.

A real vendor has these parts in files of their own: config, wire, client, events, phone_system.
"""

import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, TypeAdapter, ValidationError

from pbx import numbers
from pbx.config import PbxConfig
from pbx.errors import BadPayload, Malformed, NotAuthentic, PbxError, Rejected
from pbx.phone_system import Answer, Incapable, Keeper, WebhookRequest
from pbx.transport import Mounted, Reply, Transport, classify, excerpt
from pbx.vocabulary import (
    Call,
    CallEnded,
    Capabilities,
    Direction,
    Employee,
    Outcome,
    Received,
    StartedCall,
    Tried,
    UnknownEvent,
    WhoIsCalling,
)

# config.py: its part of ringdesk.toml


class BellConfig(PbxConfig):
    vendor: Literal["bell"]
    key: SecretStr
    webhook_token: SecretStr


# wire.py: what comes and goes, in the vendor's own words


class Wire(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class News(Wire):
    call: Annotated[str, BeforeValidator(str)]
    state: str
    at: int
    caller: str = ""
    by: str | None = None


class Person(Wire):
    login: str
    name: str


PEOPLE = TypeAdapter(list[Person])


# client.py: one method per documented operation


class BellClient:
    def __init__(self, config: BellConfig, mounted: Mounted | None = None) -> None:
        self._key = config.key
        self._transport = Transport(
            config.url,
            proxy=config.proxy,
            user_agent=config.user_agent,
            classify=self._classify,
            mounted=mounted,
        )

    async def people(self) -> list[Person]:
        """Who works there. Its card, last line."""
        reply = await self._transport.request("GET", "/people", headers=self._headers)
        try:
            return PEOPLE.validate_json(reply.body)
        except ValidationError:
            raise BadPayload(f"{reply.request}: no list of people", body=reply.body) from None

    async def call(self, who: str, to: str) -> None:
        """Ring `who`, then `to`. Its card, third line. Never retried: a repeated request rings twice."""
        await self._transport.request("POST", "/calls", json={"who": who, "to": to}, headers=self._headers)

    async def close(self) -> None:
        await self._transport.aclose()

    def _classify(self, reply: Reply) -> PbxError | None:
        """The common meaning of a status; a reason that repeats our key is told without it."""
        error = classify(reply)
        if isinstance(error, Rejected):
            return Rejected(
                str(error), reason=excerpt(reply.text.replace(self._key.get_secret_value(), "…")), status=reply.status
            )
        return error

    @property
    def _headers(self) -> dict[str, str]:
        return {"X-Bell-Key": self._key.get_secret_value()}


# events.py: verified bytes in, our events out

#: `state`, compared casefolded: what it means for a call, and which way that call went.
STATES = {
    "missed": (Direction.IN, Outcome.MISSED),
    "answered": (Direction.IN, Outcome.ANSWERED),
    "reached": (Direction.OUT, Outcome.ANSWERED),
}


def events(body: bytes, country: str) -> list[Received]:
    said = _decoded(body)
    try:
        news = News.model_validate({**said, "caller": said.get("from", "")})
    except ValidationError:
        raise Malformed("call, state or at is missing") from None
    key = f"{news.call}:{news.state}"
    meant = STATES.get(news.state.casefold())
    if meant is None:
        return [Received(key, UnknownEvent(news.state))]
    direction, outcome = meant
    try:
        at = datetime.fromtimestamp(news.at, UTC)
    except (ValueError, OverflowError, OSError):
        raise Malformed("at is no time") from None
    call = Call(
        id=news.call,
        direction=direction,
        outcome=outcome,
        client=numbers.from_pbx(news.caller, country),
        started_at=at,
        ended_at=at,
        answered_at=at if outcome is Outcome.ANSWERED else None,
        employee=news.by,
        status=news.state,
    )
    return [Received(key, CallEnded(call))]


def _decoded(body: bytes) -> dict[str, object]:
    try:
        said = json.loads(body.decode())
        json.dumps(said, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON in UTF-8") from None
    if not isinstance(said, dict):
        raise Malformed("the body is no mapping")
    return said


# phone_system.py: what the desk needs of it, and what it can't do

CAPABILITIES = Capabilities(webhook=True, call_back=True, employees=True)


class Bell(Incapable):
    vendor = "bell"
    capabilities = CAPABILITIES

    def __init__(
        self, config: BellConfig, client: BellClient, *, country: str, clock: Callable[[], datetime]
    ) -> None:
        self.id = config.id
        self.country = config.country or country
        self.client = client
        self._token = config.webhook_token
        self._now = clock

    def verify(self, request: WebhookRequest) -> None:
        given = str(_decoded(request.body).get("key", "")).encode()
        if not hmac.compare_digest(given, self._token.get_secret_value().encode()):
            raise NotAuthentic("the key is missing or wrong")

    def read(self, body: bytes, *, received_at: datetime) -> list[Received]:
        return events(body, self.country)

    def answer(self, question: WhoIsCalling, answer: Answer) -> dict[str, object]:
        raise self._lacks("question about who is calling")

    async def employees(self) -> list[Employee]:
        return [Employee(login=one.login, name=one.name) for one in await self.client.people()]

    async def make_call(self, employee: str, number: str) -> StartedCall:
        await self.client.call(employee, numbers.digits(number))
        return StartedCall(id=None, at=self._now())

    async def check(self) -> Tried:
        return Tried(len(await self.client.people()))

    async def close(self) -> None:
        await self.client.close()


def connect(
    config: BellConfig,
    *,
    country: str,
    keeper: Keeper,
    clock: Callable[[], datetime],
    mounted: Mounted | None = None,
) -> Bell:
    return Bell(config, BellClient(config, mounted), country=country, clock=clock)
