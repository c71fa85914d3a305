"""What the desk needs of Phonet, and what Phonet can't do."""

import hmac
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

from pbx import safe_download
from pbx.errors import NotAuthentic
from pbx.phone_system import Answer, Incapable, Keeper, PhoneSystem, WebhookRequest, from_known_address
from pbx.phonet import events, records, wire
from pbx.phonet.address_book import card_of, note_of
from pbx.phonet.client import PhonetClient
from pbx.phonet.config import PhonetConfig
from pbx.phonet.wire import CallRecord, OtherLegAnswer, milliseconds
from pbx.recording import Recording
from pbx.safe_download import SafeDownload
from pbx.transport import Mounted
from pbx.vocabulary import (
    ActiveCall,
    Call,
    CallOver,
    Capabilities,
    ClientCard,
    Direction,
    Employee,
    Note,
    Received,
    StartedCall,
    Tried,
    WhoIsCalling,
)

#: History is read in pieces of this length, so that a year of it needs no more memory than a day.
PIECE = timedelta(days=1)
#: Read beyond both ends of a piece: the manual does not say whether a period speaks of the start or of the end of a
#: call, and the legs of one call may lie on both sides of it.
MARGIN = timedelta(hours=1)
#: How far around their known times calls are looked for: the menu before the first leg, clocks that differ.
AROUND = timedelta(minutes=10)
#: Where a call is looked for whose times nobody knows.
LATELY = timedelta(hours=2)
#: After the last unanswered leg of a department's call, the time in which the next employee may begin to ring.
GRACE = timedelta(seconds=5)

CAPABILITIES = Capabilities(
    webhook=True,
    who_is_calling=True,
    call_back=True,
    history=True,
    employees=True,
    active_calls=True,
    hang_up=True,
    recordings=True,
    client_cards=True,
    sources=True,
)


class Phonet(Incapable):
    """One Phonet account."""

    vendor = "phonet"
    capabilities = CAPABILITIES

    def __init__(
        self,
        config: PhonetConfig,
        client: PhonetClient,
        downloads: SafeDownload,
        *,
        country: str,
        clock: Callable[[], datetime],
    ) -> None:
        self.id = config.id
        self.country = country
        self.client = client
        self._downloads = downloads
        self._networks = config.webhook_networks
        self._token = config.webhook_token
        self._clock = clock

    # what it tells us

    def verify(self, request: WebhookRequest) -> None:
        """Phonet signs nothing: its addresses always, and the secret in the path where one is set."""
        from_known_address(request, self._networks)
        given = (request.secret or "").encode(errors="surrogatepass")
        wanted = self._token.get_secret_value().encode()
        if wanted and not hmac.compare_digest(given, wanted):
            raise NotAuthentic("the secret in the path is missing or wrong")

    def read(self, body: bytes, *, received_at: datetime) -> list[Received]:
        return events.events(body, country=self.country, received_at=received_at)

    def answer(self, question: WhoIsCalling, answer: Answer) -> dict[str, object]:
        """Phonet keeps it: a known client for up to five minutes, an unknown one for up to one."""
        if not answer.name and not answer.responsible:
            return {"otherLeg": None}
        by_email = "@" in (answer.responsible or "")
        leg = OtherLegAnswer(
            name=answer.name,
            url_text=answer.name,
            responsible_employee_ext=None if by_email else answer.responsible,
            responsible_employee_email=answer.responsible if by_email else None,
        )
        return {"otherLeg": leg.body()}

    # what we ask it

    async def employees(self) -> list[Employee]:
        return [
            _employee(user) for user in await self.client.users() if user.ext or user.email or user.id is not None
        ]

    async def make_call(self, employee: str, number: str) -> StartedCall:
        started = await self.client.make_call(employee, number)
        return StartedCall(id=started.uuid or None, at=self._clock())

    async def history(self, start: datetime, end: datetime) -> AsyncIterator[Call]:
        """Read a day at a time. `directions` is left out, since how it takes several is not documented."""
        since = start
        while since < end:
            until = min(since + PIECE, end)
            for call in sorted(await self._ended(since - MARGIN, until + MARGIN), key=lambda call: call.started_at):
                if since <= call.started_at < until and call.direction is not Direction.INTERNAL:
                    yield call
            since = until

    async def final_words(self, over: Sequence[CallOver]) -> list[Call]:
        """From `company.api`: a hangup has neither duration nor disposition."""
        now = self._clock()
        ends = [one.at or now for one in over]
        begins = [
            min(one.began or end, end) - (AROUND if one.began or one.at else LATELY)
            for one, end in zip(over, ends, strict=True)
        ]
        return await self._ended(min(begins), max(ends) + AROUND, only={one.call_id for one in over})

    async def active_calls(self) -> list[ActiveCall]:
        rows = await self._going_on()
        whole = {row.parent_uuid for row in rows}
        return [_active(row, self.country, has_legs=row.uuid in whole) for row in rows]

    async def hang_up(self, call_id: str) -> None:
        await self.client.hangup(call_id)

    async def client_card(self, number: str) -> ClientCard | None:
        """The first contact with that number, and what people wrote on it."""
        async for contact in self.client.contacts_by_number(number):
            if contact.id is not None:
                return card_of(contact, await self.client.notes(contact.id))
        return None

    async def add_note(self, card_id: str, text: str) -> Note:
        now = milliseconds(self._clock())
        element = int(card_id) if card_id.isdecimal() else 0
        note = wire.ContactNote(element_id=element, date_create=now, last_modified=now, content=text)
        return note_of(await self.client.save_note(card_id, note))

    async def check(self) -> Tried:
        return Tried(len(await self.client.users()))

    def recording(self, recording_url: str) -> AbstractAsyncContextManager[Recording]:
        return self._downloads.recording(recording_url, self.client.recording_keys(recording_url))

    async def close(self) -> None:
        await self._downloads.aclose()
        await self.client.aclose()

    async def _going_on(self) -> list[wire.ActiveCall]:
        """Pauses are listed as calls, and a call may be listed for a moment after its end."""
        rows = await self.client.active_calls()
        return [row for row in rows if row.lg_direction not in events.PAUSES and not events.is_hangup(row.last_event)]

    async def _ended(self, first: datetime, last: datetime, *, only: Collection[str] | None = None) -> list[Call]:
        """The calls that `company.api` lists in a period and that are over, or those of them named in `only`."""
        rows = [row async for row in self.client.company_calls(first, last)]
        found = records.by_call(rows)
        if only is not None:
            found = {call_id: legs for call_id, legs in found.items() if call_id in only}
        now = self._clock()
        # Rows of long ago belong to no call that still goes on: the list of active ones is not asked for them.
        recent = last + MARGIN >= now and bool(found)
        going_on = {row.call_id for row in await self._going_on()} if recent else set()
        calls = [
            records.call(call_id, legs, country=self.country, now=now)
            for call_id, legs in found.items()
            if call_id not in going_on and records.settled(call_id, legs, now, GRACE)
        ]
        return await self._confirmed(calls, first, last)

    async def _confirmed(self, calls: list[Call], first: datetime, last: datetime) -> list[Call]:
        """`missed.api` lists what is still to be returned: it can show that a call was missed, not that it wasn't."""
        if not any(map(records.needs_confirmation, calls)):
            return calls
        missed = _ids([row async for row in self.client.missed_calls(first, last)])
        return [
            records.confirmed_missed(call) if records.needs_confirmation(call) and call.id in missed else call
            for call in calls
        ]


def connect(
    config: PhonetConfig,
    *,
    country: str,
    keeper: Keeper,
    clock: Callable[[], datetime],
    mounted: Mounted | None = None,
) -> PhoneSystem:
    """The account that `config` describes. Nothing is asked yet; `keeper` rests: a session is not worth keeping."""
    client = PhonetClient(
        config.base_url("/rest"), config.key, proxy=config.proxy, user_agent=config.user_agent, mounted=mounted
    )
    downloads = safe_download.for_pbx(config, mounted=mounted)
    return Phonet(config, client, downloads, country=config.country or country, clock=clock)


def _employee(user: wire.User) -> Employee:
    """Named by extension, which is what `makeCall` and the answer to `call.settings` want."""
    words = [word for word in (user.ext, user.email, None if user.id is None else str(user.id)) if word]
    return Employee(
        login=words[0],
        name=user.display_name or words[0],
        extension=user.ext,
        email=user.email,
        aliases=tuple(words[1:]),
    )


def _active(row: wire.ActiveCall, country: str, *, has_legs: bool) -> ActiveCall:
    """Its own end is a department's where other rows are its legs, though no type says so."""
    way = events.direction(row.lg_direction)
    end = row.leg.display_name or row.leg.ext if has_legs and row.leg else None
    return ActiveCall(
        id=row.uuid,
        client=events.client(row, country),
        direction=way,
        stage=events.stage(row.last_event, way),
        employee=None if has_legs else events.employee(row.leg),
        department=end or events.department(row.leg),
        our_number=events.our_number(row.trunk_num, country),
        started_at=row.dial_at,
        answered_at=row.bridge_at,
        call_id=row.call_id,
    )


def _ids(rows: Iterable[CallRecord]) -> set[str]:
    return {call_id for row in rows for call_id in (row.uuid, row.parent_uuid) if call_id}
