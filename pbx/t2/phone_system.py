"""What the desk needs of t2. It has no webhook, no do-not-disturb, no presence and no departments, and says so."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from pbx import numbers, safe_download
from pbx.errors import AuthFailed, Rejected, Unsupported
from pbx.phone_system import Answer, Incapable, Keeper, WebhookRequest
from pbx.recording import Recording
from pbx.safe_download import SafeDownload
from pbx.t2 import wire
from pbx.t2.active import Flicker, active_call, in_queues
from pbx.t2.client import NEW_HOST, T2Client
from pbx.t2.config import T2Config
from pbx.t2.events import RECORDING, Office
from pbx.t2.polling import Polling
from pbx.t2.refusals import classify
from pbx.t2.wire import Saved
from pbx.transport import Mounted
from pbx.vocabulary import (
    ActiveCall,
    Blocked,
    Call,
    Capabilities,
    Employee,
    PbxStatistics,
    Phrase,
    Received,
    StartedCall,
    Tried,
    WhoIsCalling,
)

CAPABILITIES = Capabilities(
    polling=True,
    call_back=True,
    history=True,
    employees=True,
    employee_numbers=True,
    active_calls=True,
    blacklist=True,
    recordings=True,
    transcripts=True,
    statistics=True,
    responsibles=True,
)

#: How long the lists of employees and managers are believed.
LISTS_LIVE = timedelta(minutes=5)


class T2(Incapable):
    """Also a `RotatingTokens`: its tokens must be refreshed by the clock."""

    vendor = "t2"
    capabilities = CAPABILITIES

    def __init__(
        self,
        config: T2Config,
        client: T2Client,
        downloads: SafeDownload,
        *,
        country: str,
        clock: Callable[[], datetime],
    ) -> None:
        self.id = config.id
        self.country = config.country or country
        self.client = client
        self._downloads = downloads
        self._zone = ZoneInfo(config.history_timezone)
        self._now = clock
        self._polling = Polling(client, office=self._office, clock=clock)
        self._flicker = Flicker()
        self._people: tuple[datetime, list[Employee]] | None = None
        self._by_id: dict[int | None, str] = {}
        self._managers: tuple[datetime, list[wire.Manager]] | None = None

    # what it tells us: nothing by itself

    def verify(self, request: WebhookRequest) -> None:
        raise self._lacks("webhook: it is polled")

    def read(self, body: bytes, *, received_at: datetime) -> list[Received]:
        raise self._lacks("webhook: it is polled")

    def answer(self, question: WhoIsCalling, answer: Answer) -> dict[str, object]:
        raise self._lacks("question about who is calling")

    async def poll(self, cursor: str | None) -> tuple[list[Received], str]:
        """Reads the last two hours before `cursor` again; leaves out what it told with a cursor that came back.

        A call may be told more than once, each time with more in it (the recording, who it was): always by one id.
        """
        return await self._polling.news(cursor)

    def history(self, start: datetime, end: datetime) -> AsyncIterator[Call]:
        return self._polling.history(start, end)

    # tokens

    @property
    def token_expiry(self) -> datetime | None:
        pair = self.client.tokens.known
        return pair.refresh_ends if pair else None

    @property
    def refresh_due(self) -> datetime | None:
        pair = self.client.tokens.known
        return pair.refresh_due if pair else None

    async def refresh_tokens(self) -> None:
        await self.client.tokens.refresh()

    # people

    async def employees(self) -> list[Employee]:
        """`login` is the full number, which t2 wants for a call; else the short one, else the employee id."""
        rows = await self.client.employees()
        people = [self._employee(row) for row in rows if row.employee_id is not None]
        self._people = (self._now(), people)
        self._by_id = {row.employee_id: _login(row) for row in rows}
        return people

    async def responsible_for(self, number: str) -> str | None:
        for manager in await self._known_managers():
            if any(self._e164(customer.real_number) == number for customer in manager.customers):
                await self._known_people()
                return self._by_id.get(manager.employee_id)
        return None

    # calls

    async def make_call(self, employee: str, number: str) -> StartedCall:
        """t2 wants the employee's own number, and does not say which call it began."""
        source = await self._number_of(employee)
        await self.client.outgoing_call(destination=numbers.digits(number), source=source)
        return StartedCall(id=None, at=self._now())

    async def active_calls(self) -> list[ActiveCall]:
        """Steady over a flicker of t2's list; t2 can't end a call, so they have no id.

        Who waits in a queue rings there: the queue's name stands for the department.
        """
        rows = self._flicker.steadied(await self.client.calls(), self._now())
        try:
            queues = await self.client.pending_calls()
        except (Rejected, AuthFailed):  # an office without a call centre has no queues
            queues = []
        office = await self._office()
        return in_queues([active_call(row, office) for row in rows], queues, office)

    def recording(self, recording_url: str) -> AbstractAsyncContextManager[Recording]:
        """The MP3 of a call, by its `recording_url` (``t2:2022-07-15/165787002922476116``)."""
        url = self.client.record_file_url(_record_file_name(recording_url))
        return self._downloads.recording(url, self.client.recording_keys())

    async def transcript(self, recording: str) -> list[Phrase]:
        words = [word for word in await self.client.transcript(_record_file_name(recording)) if word.word]
        turns = [(channel, list(turn)) for channel, turn in groupby(words, key=lambda word: word.channel)]
        return [
            Phrase(
                by_caller=channel == "A",
                text=" ".join(word.word or "" for word in turn),
                start=turn[0].start_time or timedelta(0),
            )
            for channel, turn in turns
        ]

    async def statistics(self, start: datetime, end: datetime) -> PbxStatistics:
        """Of `statistics/common` what `call-records/info`, which has only calls with clients, does not tell."""
        counted = await self.client.common_statistics(start, end)
        return PbxStatistics(
            internal=counted.internal_call_count,
            internal_talk=counted.internal_call_duration,
            transfers=counted.transfer_call_count,
            clients=counted.unique_call_count,
            redials=counted.redial_count,
            longest_talk=counted.max_call_duration,
        )

    # blacklist

    async def blacklist(self) -> list[Blocked]:
        return [Blocked(self._e164(row.number) or row.number) for row in await self.client.blacklist() if row.number]

    async def block(self, number: str, comment: str = "") -> None:
        """One that is there already is as wanted. t2 keeps no comments."""
        saved = await self.client.add_to_blacklist(numbers.digits(number))
        if saved not in (Saved.SUCCESS, Saved.DUPLICATE):
            raise Rejected(f"t2 did not block the number: {saved}", reason=saved)

    async def unblock(self, number: str) -> None:
        saved = await self.client.remove_from_blacklist(numbers.digits(number))
        if saved is not Saved.SUCCESS:
            raise Rejected(f"t2 did not unblock the number: {saved}", reason=saved)

    async def check(self) -> Tried:
        people = await self.employees()
        return Tried(len(people), tokens_until=self.token_expiry)

    async def close(self) -> None:
        await self._downloads.aclose()
        await self.client.close()

    # what it remembers for a while

    async def _office(self) -> Office:
        people = await self._known_people()
        logins = {person.login: person.login for person in people}
        # A short number comes after: it may look like the id of somebody who has no number.
        logins |= {
            number: person.login for person in people for number in (*person.numbers, person.extension) if number
        }
        return Office(self.country, logins, self._zone)

    async def _known_people(self) -> list[Employee]:
        known = self._people
        return known[1] if known and self._now() - known[0] < LISTS_LIVE else await self.employees()

    async def _known_managers(self) -> list[wire.Manager]:
        known = self._managers
        if known is None or self._now() - known[0] >= LISTS_LIVE:
            known = self._managers = (self._now(), await self.client.managers())
        return known[1]

    def _employee(self, row: wire.Employee) -> Employee:
        id, number = str(row.employee_id), self._e164(row.full_number)
        names = (row.full_number, number, row.short_number, row.email, id)
        return Employee(
            login=_login(row),
            name=" ".join(filter(None, (row.name, row.surname))) or row.full_number or id,
            extension=row.short_number,
            numbers=(number,) if number else (),
            email=row.email,
            aliases=tuple(dict.fromkeys(filter(None, names))),
        )

    async def _number_of(self, employee: str) -> str:
        """What t2 rings for an employee, however they are named."""
        full = self._e164(employee)
        if full:
            return numbers.digits(full)
        found = _named(employee, await self._known_people()) or _named(employee, await self.employees())
        if found is None:
            raise Rejected("make_call: no such employee", reason=f"t2 has no employee {employee}")
        if not found.numbers and not found.extension:
            raise Rejected("make_call: no number", reason=f"{found.name} has no phone number at t2")
        return numbers.digits(found.numbers[0]) if found.numbers else found.login

    def _e164(self, text: str | None) -> str | None:
        return numbers.parse(text or "", self.country)


def connect(
    config: T2Config, *, country: str, keeper: Keeper, clock: Callable[[], datetime], mounted: Mounted | None = None
) -> T2:
    """The account that `config` names. `country` is the office's; `mounted` takes the network's place in tests."""
    client = T2Client(config, keeper=keeper, clock=clock, mounted=mounted)
    downloads = safe_download.for_pbx(config, [f"https://{NEW_HOST}"], classify=classify, mounted=mounted)
    return T2(config, client, downloads, country=country, clock=clock)


def _login(row: wire.Employee) -> str:
    return row.full_number or row.short_number or str(row.employee_id)


def _named(word: str, people: list[Employee]) -> Employee | None:
    """Numbers before other words: one's short number may look like somebody else's id."""
    return next((person for person in people if word in (person.login, person.extension)), None) or next(
        (person for person in people if person.answers_to(word)), None
    )


def _record_file_name(recording: str) -> str:
    if not recording.startswith(RECORDING):
        raise Unsupported("t2 keeps recordings by name, this is none of its")
    return recording.removeprefix(RECORDING)
