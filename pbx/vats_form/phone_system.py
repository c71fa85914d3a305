"""What the desk needs of a VATS, by its form API."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from pbx import numbers, safe_download, vats_dialect, vats_recordings
from pbx.errors import Rejected
from pbx.phone_system import Answer, Incapable, Keeper, PhoneSystem, WebhookRequest, from_known_address
from pbx.recording import Recording
from pbx.safe_download import SafeDownload
from pbx.transport import Mounted
from pbx.vats_export import Row, windows
from pbx.vats_form import events
from pbx.vats_form.client import VatsFormClient
from pbx.vats_form.config import VatsFormConfig
from pbx.vats_form.wire import Account, Group, HistoryRow
from pbx.vocabulary import (
    Call,
    Capabilities,
    Department,
    Employee,
    Member,
    Received,
    StartedCall,
    Tried,
    WhoIsCalling,
)

CAPABILITIES = Capabilities(
    webhook=True,
    who_is_calling=True,
    call_back=True,
    history=True,
    employees=True,
    employee_numbers=True,
    departments=True,
    switch_departments=True,
    do_not_disturb=True,
    recordings=True,
)

#: The longest piece of history asked for at once.
PIECE = timedelta(days=7)
#: How many employees `check` asks about their calls.
ASKED_BY_CHECK = 20
#: How many questions about single employees are on their way at once.
AT_ONCE = 4

T = TypeVar("T")


class VatsForm(Incapable):
    vendor = "vats_form"
    capabilities = CAPABILITIES

    def __init__(
        self,
        config: VatsFormConfig,
        client: VatsFormClient,
        downloads: SafeDownload,
        *,
        country: str,
        clock: Callable[[], datetime],
    ) -> None:
        self.id = config.id
        self.country = config.country or country
        self.client = client
        self._downloads = downloads
        self._config = config
        self._zone = ZoneInfo(config.history_timezone)
        self._now = clock

    def verify(self, request: WebhookRequest) -> None:
        if self._config.webhook_networks:
            from_known_address(request, self._config.webhook_networks)
        vats_dialect.verify(request, self._config.webhook_token.get_secret_value())

    def read(self, body: bytes, *, received_at: datetime) -> list[Received]:
        return events.read(body, received_at=received_at, country=self.country)

    def answer(self, question: WhoIsCalling, answer: Answer) -> dict[str, object]:
        return vats_dialect.answer(answer)

    async def employees(self) -> list[Employee]:
        return [self._employee(account) for account in await self.client.accounts()]

    async def departments(self) -> list[Department]:
        """Who is in which is known one employee at a time, and so is whether they get its calls."""
        groups, accounts = await self.client.groups(), await self.client.accounts()
        theirs = await _few_at_once(self._places, [account.name for account in accounts])
        places = [place for some in theirs for place in some]
        return [
            Department(
                id=group.id,
                name=group.real_name or group.id,
                extension=group.ext or None,
                members=tuple(member for id, member in places if id == group.id),
            )
            for group in groups
        ]

    async def make_call(self, employee: str, number: str) -> StartedCall:
        """Without an id: the one that is answered need not be the `callid` of the events that follow."""
        await self.client.make_call(employee, numbers.digits(number))
        return StartedCall(id=None, at=self._now())

    async def history(self, start: datetime, end: datetime) -> AsyncIterator[Call]:
        """Asked for by the week."""
        names: Names | None = None
        for window in windows(start, end, self._zone, PIECE):
            since, until = window.asked()
            said = await self.client.history(start=since, end=until, type="all")
            if said and names is None:
                names = Names(await self.client.accounts(), await self.client.groups())
            for call in window.calls(names.rows(said) if names else [], self.country):
                yield call

    async def receives_calls(self, employee: str) -> bool:
        return self._by_dnd_state(await self.client.get_dnd(employee))

    async def set_receives_calls(self, employee: str, receives: bool) -> None:
        await self.client.set_dnd(employee, self._by_dnd_state(receives))

    async def set_receives_department_calls(self, employee: str, department: str | None, receives: bool) -> None:
        """All departments are switched one by one: the command for all would switch the personal line as well."""
        of = [department] if department else [group.id for group in await self.client.groups(employee)]
        for group_id in of:
            await self.client.subscribe_on_calls(employee, "on" if receives else "off", group_id)

    async def check(self) -> Tried:
        """Asks how most employees read under the chosen `dnd_state`: an inverted one shows in nothing else."""
        accounts = await self.client.accounts()
        asked = accounts[:ASKED_BY_CHECK]
        receiving = sum(await _few_at_once(self.receives_calls, [account.name for account in asked]))
        return Tried(len(accounts), asked=len(asked), receiving=receiving)

    def recording(self, recording_url: str) -> AbstractAsyncContextManager[Recording]:
        return self._downloads.recording(recording_url, vats_recordings.keys(self._config.key))

    async def close(self) -> None:
        await self._downloads.aclose()
        await self.client.close()

    def _by_dnd_state(self, value: bool) -> bool:
        """Between the PBX's `state` and "receives calls", either way. The one place that knows its meaning."""
        return value if self._config.dnd_state == "receiving" else not value

    def _employee(self, account: Account) -> Employee:
        direct = numbers.parse(account.telnum, self.country) if account.telnum else None
        return Employee(
            login=account.name,
            name=account.real_name or account.name,
            extension=account.ext or None,
            numbers=(direct,) if direct else (),
            aliases=tuple(alias for alias in (account.ext, account.telnum) if alias),
        )

    async def _places(self, login: str) -> list[tuple[str, Member]]:
        """The departments of one employee."""
        return [
            (group.id, Member(login=login, receives_calls=await self._receives(login, group.id)))
            for group in await self.client.groups(login)
        ]

    async def _receives(self, login: str, group_id: str) -> bool | None:
        """None where the PBX wants a CRM user's id instead of a login ("self_map" was not chosen)."""
        try:
            return (await self.client.subscription_status(login, group_id)).status == "on"
        except Rejected:
            return None


class Names:
    """What `account` in a history row stands for: it is a login or a department's name."""

    def __init__(self, accounts: Iterable[Account], groups: Iterable[Group]) -> None:
        self._logins = {account.name.casefold() for account in accounts}
        self._departments = {
            word.casefold(): group.real_name or group.id for group in groups for word in (group.id, group.real_name)
        }

    def rows(self, said: Iterable[HistoryRow]) -> list[Row]:
        return [row.row(self._department(row.account)) for row in said]

    def _department(self, account: str) -> str | None:
        """`account` may be ``name@domain``."""
        bare = account.partition("@")[0].casefold()
        return None if bare in self._logins else self._departments.get(bare)


def connect(
    config: VatsFormConfig,
    *,
    country: str,
    keeper: Keeper,
    clock: Callable[[], datetime],
    mounted: Mounted | None = None,
) -> PhoneSystem:
    """`keeper` is not needed here: the key never changes by itself."""
    client, downloads = VatsFormClient(config, mounted=mounted), safe_download.for_pbx(config, mounted=mounted)
    return VatsForm(config, client, downloads, country=country, clock=clock)


async def _few_at_once(ask: Callable[[str], Awaitable[T]], logins: Iterable[str]) -> list[T]:
    """What `ask` says of each, in order; the first failure is the failure of all."""
    places = asyncio.Semaphore(AT_ONCE)

    async def in_turn(login: str) -> T:
        async with places:
            return await ask(login)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_turn(login)) for login in logins]
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    return [task.result() for task in tasks]
