"""The simulated Phonet as scenes use it, and its events and requests as lines of the trace."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Self

from sandbox.page.phones import Mood, Now, requests
from sandbox.page.trace import Trace, pretty
from sandbox.phonet import (
    Answered,
    ClientAnswers,
    ClientIsBusy,
    ClientSilent,
    NobodyAnswers,
    Office,
    PhonetOffice,
    Sent,
)
from sandbox.phonet.demo import SALES_EXT
from sandbox.phonet.history import missed
from sandbox.phonet.legs import INCOMING, OUTGOING
from sandbox.phonet.stories import Reception

MOODS: dict[Mood, Reception] = {
    Mood.ANSWERS: ClientAnswers(after=3, talk=8),
    Mood.BUSY: ClientIsBusy(after=2),
    Mood.SILENT: ClientSilent(ring=6),
}
#: What a `call.dial` says, by its direction.
DIALS = {INCOMING: "pbx.rings", OUTGOING: "pbx.dials"}
#: What the last `call.hangup` of a call says, by direction and whether anybody talked: why not, it doesn't tell.
ENDS = {
    (INCOMING, True): "pbx.answered",
    (INCOMING, False): "pbx.missed",
    (OUTGOING, True): "pbx.reached",
    (OUTGOING, False): "pbx.client_unreachable",
}
#: What the bot asks of us, by method and path, of a recording's without the call's id.
REQUESTS = {
    ("POST", "user/makeCall"): "bot.makes_call",
    ("GET", "calls/company.api"): "bot.reads_history",
    ("GET", "calls/missed.api"): "bot.reads_missed",
    ("GET", "calls/active/v3"): "bot.reads_active",
    ("GET", "crm/contacts/v2/searchByOLNum"): "bot.looks_client_up",
    ("GET", "crm/contacts/v2"): "bot.reads_notes",
    ("GET", "users"): "bot.reads_users",
    ("GET", "public/calls"): "bot.fetches_recording",
    ("POST", "security/authorize"): "bot.opens_session",
}
#: Times after 2001 in milliseconds are more than this, in seconds they are less.
MILLISECONDS = 10**12


class PhonetPhones:
    """`Phones` over a `PhonetOffice`."""

    vendor = "phonet"
    title = "Phonet"
    country = "UA"
    knows_numbers = False
    tells_at_once = True

    def __init__(self, office: Office, *, id: str, webhook_base: str, speed: float, now: Now) -> None:
        self.id = id
        self._key, self._token = secrets.token_hex(16), secrets.token_hex(16)
        #: Whether the bot has read the history since the last call was over: its event does not say how it ended.
        self._was_asked = True
        webhook_url = f"{webhook_base}/pbx/{id}/{self._token}"
        self.phonet = PhonetOffice(
            office, webhook_url=webhook_url, api_key=self._key, domain="", speed=speed, now=now
        )

    @property
    def waiting(self) -> int:
        return self.phonet.sender.undelivered

    @property
    def has_told(self) -> bool:
        return not self.waiting and self._was_asked

    async def __aenter__(self) -> Self:
        await self.phonet.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.phonet.__aexit__(*exc)

    def settings(self) -> Mapping[str, object]:
        return {
            "id": self.id,
            "vendor": self.vendor,
            "url": self.phonet.url,
            "key": self._key,
            "webhook_token": self._token,
            "webhook_networks": ["127.0.0.1/32"],
            "country": self.country,
        }

    def owes(self, client: str) -> bool:
        return any(row.client == _plus(client) for row in missed(self.phonet.office))

    def in_call(self, client: str) -> bool:
        number, legs = _plus(client), self.phonet.office.active.values()
        return any(leg.call.client and leg.call.client.num == number for leg in legs)

    def takes_our_calls(self, client: str, mood: Mood) -> None:
        self.phonet.calls.receptions[_plus(client)] = MOODS[mood]

    async def nobody_answers(self, client: str, *, ring: float) -> None:
        await self.phonet.calls.client_calls(_plus(client), SALES_EXT, NobodyAnswers(ring))

    async def answers(self, employee: str, client: str, *, ring: float, talk: float) -> str:
        row = await self.phonet.calls.client_calls(_plus(client), SALES_EXT, Answered(employee, ring, talk))
        return row.uuid

    async def employee_dials(self, employee: str, client: str) -> None:
        await self.phonet.calls.employee_dials(employee, _plus(client))

    async def flood(self, number: int) -> None:
        await self.phonet.calls.flood(number)

    # The trace

    async def watch(self, trace: Trace, changed: Callable[[], None]) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch_webhooks(trace, changed))
            tasks.create_task(self._watch_requests(trace))

    async def _watch_webhooks(self, trace: Trace, changed: Callable[[], None]) -> None:
        sender = self.phonet.sender
        watch = sender.watch()
        try:
            async for sent in watch:
                self._note(trace, sent)
                changed()
        finally:
            sender.unwatch(watch)

    def _note(self, trace: Trace, sent: Sent) -> None:
        body: dict[str, Any] = sent.body if isinstance(sent.body, dict) else {}
        ok = sent.status == 200
        clients = body.get("otherLegs") or [{"num": body.get("otherLegNum")}]
        values = {
            "client": pretty(str(clients[0].get("num") or "")),
            "who": (body.get("leg") or {}).get("displayName", ""),
            "seconds": _seconds(body, sent.when),
        }
        status = "" if ok else str(sent.status or "…")
        detail, say = {"body": sent.body, "reply": sent.reply}, _say(sent.what, body)
        self._was_asked = self._was_asked and say not in ENDS.values()
        trace.note("pbx", "bot", say, values, ok=ok, status=status, detail=detail, pbx=self.id)

    async def _watch_requests(self, trace: Trace) -> None:
        async for method, path in requests(self.phonet.server):
            what = path.removeprefix("/rest/").split("?", 1)[0]
            say = REQUESTS.get((method, what)) or REQUESTS.get((method, what.rsplit("/", 2)[0]), "bot.asks_pbx")
            values = {"what": f"{method} {what}"} if say == "bot.asks_pbx" else {}
            self._was_asked = self._was_asked or say == "bot.reads_history"
            trace.note("bot", "pbx", say, values, detail={"request": f"{method} {path}"}, pbx=self.id)


def _plus(client: str) -> str:
    return f"+{client}"


def _seconds(body: Mapping[str, Any], now: datetime) -> int | str:
    """Of the talk, or of the wait if nobody answered."""
    began = body.get("bridgeAt") or body.get("dialAt")
    if not began:
        return ""
    seconds = float(began / 1000 if began > MILLISECONDS else began)
    return round(now.timestamp() - seconds)


def _say(what: str, body: Mapping[str, Any]) -> str:
    """The leg without a parent is the call as a whole: its end is the call's."""
    direction, talked = body.get("lgDirection"), bool(body.get("bridgeAt"))
    if what == "call.settings":
        return "pbx.asks_name"
    if what == "call.dial":
        return DIALS.get(direction or 0, "pbx.event")
    if what == "call.bridge":
        return "pbx.picked_up"
    if what == "call.hangup" and body.get("parentUuid"):
        return "pbx.hung_up" if talked else "pbx.stopped_ringing"
    return ENDS.get((direction or 0, talked), "pbx.event")
