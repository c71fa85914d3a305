"""The simulated VATS as scenes use it, by either of its APIs, and its webhooks and requests as lines of the trace."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import ClassVar, Self

from sandbox import vats_form
from sandbox.page.phones import Mood, Now, requests
from sandbox.page.trace import Trace, pretty
from sandbox.vats_form import VatsFormOffice
from sandbox.vats_rest import (
    Answered,
    ClientAnswers,
    ClientIsBusy,
    ClientSilent,
    NobodyAnswers,
    Office,
    Sent,
    VatsOffice,
)
from sandbox.vats_rest.messages import owes_a_call
from sandbox.vats_rest.stories import Reception

MOODS: dict[Mood, Reception] = {
    Mood.ANSWERS: ClientAnswers(after=3, talk=8),
    Mood.BUSY: ClientIsBusy(after=2),
    Mood.SILENT: ClientSilent(ring=6),
}
#: What an `event` says, by its type.
EVENTS = {
    "INCOMING": "pbx.rings",
    "OUTGOING": "pbx.dials",
    "ACCEPTED": "pbx.picked_up",
    "COMPLETED": "pbx.hung_up",
    "CANCELLED": "pbx.stopped_ringing",
    "TRANSFERRED": "pbx.transferred",
}
#: What a `history` says, by the call's direction and status.
HISTORY = {
    ("in", "Missed"): "pbx.missed",
    ("in", "Cancel"): "pbx.missed",
    ("in", "Success"): "pbx.answered",
    ("out", "Success"): "pbx.reached",
    ("out", "Busy"): "pbx.client_busy",
    ("out", "Missed"): "pbx.client_silent",
}
OTHERS = {"contact": "pbx.asks_name", "rating": "pbx.rating", "webhook": "pbx.line_lost"}


class _Engine:
    """What both APIs have behind them. `REQUESTS`: what the bot asks, by method and first word."""

    vendor: ClassVar[str]
    title: ClassVar[str]
    country = "RU"
    knows_numbers = True
    tells_at_once = True
    SALES: ClassVar[str]
    FLOOD: ClassVar[str]
    REQUESTS: ClassVar[Mapping[tuple[str, str], str]]

    def __init__(self, id: str, vats: VatsOffice | VatsFormOffice, key: str, token: str) -> None:
        self.id, self.vats = id, vats
        self._key, self._token = key, token

    @property
    def waiting(self) -> int:
        return self.vats.sender.undelivered

    @property
    def has_told(self) -> bool:
        return not self.waiting

    async def __aenter__(self) -> Self:
        await self.vats.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.vats.__aexit__(*exc)

    def settings(self) -> Mapping[str, object]:
        return {
            "id": self.id,
            "vendor": self.vendor,
            "url": self.vats.url,
            "key": self._key,
            "webhook_token": self._token,
        }

    def owes(self, client: str) -> bool:
        return owes_a_call(self.vats.office, client)

    def in_call(self, client: str) -> bool:
        return any(call.client == client for call in self.vats.office.calls.values())

    def takes_our_calls(self, client: str, mood: Mood) -> None:
        self.vats.calls.receptions[client] = MOODS[mood]

    async def nobody_answers(self, client: str, *, ring: float) -> None:
        await self.vats.calls.client_calls(client, self.SALES, NobodyAnswers(ring))

    async def answers(self, employee: str, client: str, *, ring: float, talk: float) -> str:
        login = self.vats.office.employee(employee).login
        row = await self.vats.calls.client_calls(client, self.SALES, Answered(login, after=ring, talk=talk))
        return row.uid if row else ""

    async def employee_dials(self, employee: str, client: str) -> None:
        await self.vats.calls.employee_dials(employee, client)

    async def flood(self, number: int) -> None:
        await self.vats.calls.flood(number, prefix=self.FLOOD)

    # The trace

    async def watch(self, trace: Trace, changed: Callable[[], None]) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch_webhooks(trace, changed))
            tasks.create_task(self._watch_requests(trace))

    async def _watch_webhooks(self, trace: Trace, changed: Callable[[], None]) -> None:
        sender = self.vats.sender
        watch = sender.watch()
        try:
            async for sent in watch:
                self._note(trace, sent)
                changed()
        finally:
            sender.unwatch(watch)

    def _note(self, trace: Trace, sent: Sent) -> None:
        body, ok = sent.body, sent.status == 200
        status = "" if ok else str(sent.status or "…")
        values = {
            "client": pretty(str(body.get("phone") or "")),
            "who": self._name(str(body.get("user") or "")),
            "stars": body.get("rating", ""),
            "seconds": body.get("duration", ""),
        }
        detail = {**body, "reply": sent.reply}
        trace.note("pbx", "bot", _say(sent), values, ok=ok, status=status, detail=detail, pbx=self.id)

    async def _watch_requests(self, trace: Trace) -> None:
        async for method, path in requests(self.vats.server):
            what = path.removeprefix("/crmapi/v1/").split("?", 1)[0].strip("/")
            say = self.REQUESTS.get((method, what.split("/", 1)[0]), "bot.asks_pbx")
            values = {"what": f"{method} {what}"} if say == "bot.asks_pbx" else {}
            trace.note("bot", "pbx", say, values, detail={"request": f"{method} {path}"}, pbx=self.id)

    def _name(self, login: str) -> str:
        employee = self.vats.office.employees.get(login)
        return employee.name if employee else login


class VatsPhones(_Engine):
    """`RatedPhones` over a `VatsOffice`."""

    vendor = "vats_rest"
    title = "VATS REST"
    SALES = "sales"
    FLOOD = "79001"
    REQUESTS: ClassVar = {
        ("POST", "makecall"): "bot.makes_call",
        ("GET", "history"): "bot.reads_history",
        ("GET", "users"): "bot.reads_users",
        ("GET", "groups"): "bot.reads_departments",
        ("GET", "records"): "bot.fetches_recording",
    }

    def __init__(self, office: Office, *, id: str, webhook_base: str, speed: float, now: Now) -> None:
        key, token = secrets.token_hex(16), secrets.token_hex(16)
        webhook_url = f"{webhook_base}/pbx/{id}"
        vats = VatsOffice(office, webhook_url=webhook_url, crm_token=token, api_key=key, speed=speed, now=now)
        super().__init__(id, vats, key, token)

    async def rate(self, call_id: str, stars: int) -> None:
        self.vats.calls.rate(call_id, stars)


class VatsFormPhones(_Engine):
    """`Phones` over a `VatsFormOffice`."""

    vendor = "vats_form"
    title = "VATS form"
    SALES = "orders"
    FLOOD = "79002"
    REQUESTS: ClassVar = {
        (method, command): say
        for method in ("GET", "POST")
        for command, say in (
            ("makeCall", "bot.makes_call"),
            ("history", "bot.reads_history"),
            ("accounts", "bot.reads_users"),
            ("groups", "bot.reads_departments"),
            ("records", "bot.fetches_recording"),
        )
    }

    def __init__(self, office: vats_form.Office, *, id: str, webhook_base: str, speed: float, now: Now) -> None:
        key, token = secrets.token_hex(16), secrets.token_hex(16)
        webhook_url = f"{webhook_base}/pbx/{id}"
        vats = VatsFormOffice(office, webhook_url=webhook_url, crm_token=token, token=key, speed=speed, now=now)
        super().__init__(id, vats, key, token)


def _say(sent: Sent) -> str:
    body = sent.body
    if sent.cmd == "event":
        return EVENTS.get(str(body.get("type")), "pbx.event")
    if sent.cmd == "history":
        return HISTORY.get((str(body.get("type")), str(body.get("status"))), "pbx.client_unreachable")
    return OTHERS.get(sent.cmd, "pbx.event")
