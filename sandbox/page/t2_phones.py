"""The simulated t2 as scenes use it. It tells nothing unasked: the trace has the bot asking, and what it hears."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Self

from sandbox.page.phones import Mood, Now, requests
from sandbox.page.trace import Entry, Trace, pretty
from sandbox.t2 import (
    Answered,
    CallRow,
    ClientAnswers,
    ClientIsBusy,
    ClientSilent,
    NobodyAnswers,
    Office,
    T2Office,
    new_pair,
)
from sandbox.t2.demo import SALES
from sandbox.t2.office import INCOMING, OUTGOING
from sandbox.t2.stories import Reception

MOODS: dict[Mood, Reception] = {
    Mood.ANSWERS: ClientAnswers(after=3, talk=8),
    Mood.BUSY: ClientIsBusy(after=2),
    Mood.SILENT: ClientSilent(ring=6),
}
#: How often the bot asks, in seconds: as often as it may.
POLL_SECONDS = 2
FLOOD = "79003"
#: What a call that is over says, by its status; other calls of ours did not get through.
OURS = {
    "ANSWERED_COMMON": "pbx.reached",
    "DESTINATION_BUSY": "pbx.client_busy",
    "NOT_ANSWERED_COMMON": "pbx.client_silent",
}
NEWS = ("GET", "call-records/info")
#: The rest of asking for news, and what it asks just as often: one line is enough.
QUIET = frozenset({("GET", "statistics/missing"), ("GET", "monitoring/calls"), ("GET", "monitoring/calls/pending")})
#: What the bot asks of us, by method and path.
REQUESTS = {
    ("POST", "call/outgoing"): "bot.makes_call",
    ("GET", "employees"): "bot.reads_users",
    ("GET", "managers"): "bot.reads_managers",
    ("GET", "statistics/common"): "bot.reads_statistics",
    ("GET", "call-records/file"): "bot.fetches_recording",
    ("PUT", "authorization/refresh/token"): "bot.renews_tokens",
}


class T2Phones:
    """`Phones` over a `T2Office`."""

    vendor = "t2"
    title = "t2"
    country = "RU"
    knows_numbers = True
    tells_at_once = False
    waiting = 0

    def __init__(self, office: Office, *, id: str, speed: float, now: Now) -> None:
        self.id = id
        self._tokens = new_pair(now())
        access, refresh = self._tokens.access, self._tokens.refresh
        self.t2 = T2Office(office, access_token=access, refresh_token=refresh, speed=speed, now=now)
        self._told = 0
        self._asking: Entry | None = None

    async def __aenter__(self) -> Self:
        await self.t2.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.t2.__aexit__(*exc)

    def settings(self) -> Mapping[str, object]:
        return {
            "id": self.id,
            "vendor": self.vendor,
            "url": self.t2.url,
            "access_token": self._tokens.access,
            "refresh_token": self._tokens.refresh,
            "poll_seconds": POLL_SECONDS,
        }

    @property
    def has_told(self) -> bool:
        return self._told == len(self.t2.office.rows)

    def owes(self, client: str) -> bool:
        return self.t2.office.owes(client)

    def in_call(self, client: str) -> bool:
        return self.t2.office.in_call(client)

    def takes_our_calls(self, client: str, mood: Mood) -> None:
        self.t2.calls.receptions[client] = MOODS[mood]

    async def nobody_answers(self, client: str, *, ring: float) -> None:
        await self.t2.calls.client_calls(client, SALES, NobodyAnswers(ring))

    async def answers(self, employee: str, client: str, *, ring: float, talk: float) -> str:
        row = await self.t2.calls.client_calls(client, SALES, Answered(employee, after=ring, talk=talk))
        return row.uuid

    async def employee_dials(self, employee: str, client: str) -> None:
        await self.t2.calls.employee_dials(employee, client)

    async def flood(self, number: int) -> None:
        self.t2.calls.flood(number, prefix=FLOOD)

    # The trace

    async def watch(self, trace: Trace, changed: Callable[[], None]) -> None:
        async for method, path in requests(self.t2.server):
            what = path.removeprefix("/crm/openapi/").split("?", 1)[0]
            if (method, what) == NEWS:
                self._note_news(trace)
            elif (method, what) not in QUIET:
                say, detail = REQUESTS.get((method, what), "bot.asks_pbx"), {"request": f"{method} {path}"}
                trace.note("bot", "pbx", say, {"what": f"{method} {what}"}, detail=detail, pbx=self.id)

    def _note_news(self, trace: Trace) -> None:
        """Asking in vain is one line that counts; what is heard is a line for each call, and asking begins anew."""
        if self._asking is None or not trace.again(self._asking):
            self._asking = trace.note("bot", "pbx", "bot.asks_for_calls", pbx=self.id)
        rows = self.t2.office.rows
        fresh, self._told = rows[self._told :], len(rows)
        for row in fresh:
            self._asking = None
            trace.note("pbx", "bot", _say(row), self._values(row), ok=True, detail=_detail(row), pbx=self.id)

    def _values(self, row: CallRow) -> dict[str, object]:
        ours = row.caller if row.type in OUTGOING else row.callee
        seconds = row.duration if row.talk is None else row.talk
        return {"client": pretty(row.client), "who": self.t2.office.name_of(ours), "seconds": seconds}


def _say(row: CallRow) -> str:
    if row.type in INCOMING:
        return "pbx.answered" if row.answered else "pbx.missed"
    return OURS.get(row.status, "pbx.client_unreachable") if row.type in OUTGOING else "pbx.event"


def _detail(row: CallRow) -> dict[str, object]:
    return {
        "callType": row.type,
        "callStatus": row.status,
        "callerNumber": row.caller,
        "destinationNumber": row.destination,
        "calleeNumber": row.callee,
        "callDuration": row.duration,
        "conversationDuration": row.talk,
    }
