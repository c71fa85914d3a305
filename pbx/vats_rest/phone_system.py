"""What the desk needs of a VATS, by its REST API."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pbx import numbers, safe_download, vats_dialect, vats_recordings
from pbx.errors import AuthFailed
from pbx.phone_system import Answer, Incapable, Keeper, PhoneSystem, WebhookRequest, from_known_address
from pbx.recording import Recording
from pbx.safe_download import SafeDownload
from pbx.transport import Mounted
from pbx.vats_export import windows
from pbx.vats_rest import events
from pbx.vats_rest.client import VatsRestClient
from pbx.vats_rest.config import VatsRestConfig
from pbx.vats_rest.wire.lines import NewSubscription, SipRegistration
from pbx.vats_rest.wire.numbers import BlacklistEntry, Route, Sim, Telnum
from pbx.vats_rest.wire.people import Group, GroupUsersChange, User
from pbx.vocabulary import (
    Blocked,
    Call,
    Capabilities,
    Department,
    Employee,
    LineState,
    Member,
    OperatorLine,
    OurNumber,
    Received,
    RecordingRules,
    Registration,
    Role,
    SimCard,
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
    roles=True,
    departments=True,
    switch_departments=True,
    staff_departments=True,
    our_numbers=True,
    switch_numbers=True,
    sim_cards=True,
    operator_lines=True,
    recording_exceptions=True,
    do_not_disturb=True,
    presence=True,
    blacklist=True,
    blacklist_comments=True,
    block_anonymous=True,
    ratings=True,
    recordings=True,
    line_alerts=True,
)

#: `user`, `restricted_user` and roles of the company's own are employees.
ROLES = {"admin": Role.MANAGER, "group_head": Role.MANAGER}
REGISTRATIONS = {"online": Registration.ONLINE, "offline": Registration.OFFLINE}
#: The manual shows "success" alone. Any other word than these is not taken for a line that is down.
LINE_STATES = {"success": LineState.UP, **dict.fromkeys(("error", "fail", "failed", "failure"), LineState.DOWN)}

#: The one event that can be subscribed to.
LINE_ALERT: Literal["sipregs_error"] = "sipregs_error"

#: The longest piece of history asked for at once.
PIECE = timedelta(days=7)
#: How many employees `check` asks about their calls.
ASKED_BY_CHECK = 20


class VatsRest(Incapable):
    vendor = "vats_rest"
    capabilities = CAPABILITIES

    def __init__(
        self,
        config: VatsRestConfig,
        client: VatsRestClient,
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
        return [self._employee(user) async for user in self.client.users(with_status=True)]

    async def departments(self) -> list[Department]:
        return [_department(group) async for group in self.client.groups()]

    async def our_numbers(self) -> list[OurNumber]:
        return [self._our_number(telnum) async for telnum in self.client.telnums()]

    async def make_call(self, employee: str, number: str) -> StartedCall:
        made = await self.client.makecall(_telnum(number), user=employee)
        return StartedCall(id=made.callid or None, at=self._now())

    async def history(self, start: datetime, end: datetime) -> AsyncIterator[Call]:
        """Asked for by the week."""
        for window in windows(start, end, self._zone, PIECE):
            since, until = window.asked()
            rows = await self.client.history_json(start=since, end=until, type="all", process_missed=True)
            for call in window.calls([row.row() for row in rows], self.country):
                yield call

    async def receives_calls(self, employee: str) -> bool:
        return self._by_dnd_state(await self.client.dnd(employee))

    async def set_receives_calls(self, employee: str, receives: bool) -> None:
        switch = self.client.enable_dnd if self._by_dnd_state(receives) else self.client.disable_dnd
        await switch(employee)

    async def set_receives_department_calls(self, employee: str, department: str | None, receives: bool) -> None:
        match department, receives:
            case None, True:
                await self.client.subscribe_to_all(employee)
            case None, False:
                await self.client.unsubscribe_from_all(employee)
            case str(), True:
                await self.client.subscribe(employee, department)
            case str(), False:
                await self.client.unsubscribe(employee, department)

    async def add_to_department(self, employee: str, department: str) -> None:
        await self.client.edit_group_users(department, GroupUsersChange(add=(employee,)))

    async def remove_from_department(self, employee: str, department: str) -> None:
        await self.client.edit_group_users(department, GroupUsersChange(remove=(employee,)))

    async def set_number_enabled(self, number: str, enabled: bool) -> None:
        switch = self.client.enable_telnum if enabled else self.client.disable_telnum
        await switch(_telnum(number))

    async def sim_cards(self) -> list[SimCard]:
        return [self._sim_card(sim) async for sim in self.client.sims()]

    async def switch_sim_card_off(self, number: str) -> None:
        await self.client.disable_sim(_telnum(number))

    async def operator_lines(self) -> list[OperatorLine]:
        return [self._operator_line(line) async for line in self.client.sip_registrations()]

    async def subscribe_to_line_alerts(self, url: str) -> bool:
        if any(one.type == LINE_ALERT and one.url == url for one in await self.client.webhooks()):
            return False
        await self.client.add_webhook(NewSubscription(type=LINE_ALERT, url=url))
        return True

    async def recording_rules(self) -> RecordingRules:
        said = await self.client.record()
        return RecordingRules(said.external, tuple(user.login for user in said.users_exception))

    async def set_recorded(self, employee: str, recorded: bool) -> None:
        change = self.client.delete_record_exceptions if recorded else self.client.add_record_exceptions
        await change([employee])

    async def blacklist(self) -> list[Blocked]:
        return [Blocked(self._as_shown(row.telnum), row.comment) for row in await self.client.blacklist()]

    async def block(self, number: str, comment: str = "") -> None:
        await self.client.add_to_blacklist([BlacklistEntry(telnum=_telnum(number), comment=comment)])

    async def unblock(self, number: str) -> None:
        """Removed as the PBX itself has it written, which may be without the country code."""
        rows = await self.client.blacklist()
        written = [row.telnum for row in rows if self._as_shown(row.telnum) == number]
        await self.client.delete_from_blacklist(written or [_telnum(number)])

    async def blocks_anonymous(self) -> bool:
        return await self.client.block_anonymous()

    async def set_blocks_anonymous(self, blocks: bool) -> None:
        switch = self.client.enable_block_anonymous if blocks else self.client.disable_block_anonymous
        await switch()

    async def check(self) -> Tried:
        """Asks how most employees read under the chosen `dnd_state`: an inverted one shows in nothing else."""
        employees = await self.employees()
        asked = employees[:ASKED_BY_CHECK]
        try:
            receiving = sum([await self.receives_calls(employee.login) for employee in asked])
        except AuthFailed:
            return Tried(len(employees), asked=len(asked))
        return Tried(len(employees), asked=len(asked), receiving=receiving)

    def recording(self, recording_url: str) -> AbstractAsyncContextManager[Recording]:
        return self._downloads.recording(recording_url, vats_recordings.keys(self._config.key))

    async def close(self) -> None:
        await self._downloads.aclose()
        await self.client.close()

    def _by_dnd_state(self, value: bool) -> bool:
        """Between the PBX's `state` and "receives calls", either way. The one place that knows its meaning."""
        return value if self._config.dnd_state == "receiving" else not value

    def _employee(self, user: User) -> Employee:
        read = (numbers.parse(written, self.country) for written in (user.mobile, user.telnum) if written)
        return Employee(
            login=user.login,
            name=user.name or user.login,
            extension=user.ext or None,
            numbers=tuple(dict.fromkeys(number for number in read if number)),
            email=user.email or None,
            role=ROLES.get(user.role.casefold(), Role.EMPLOYEE),
            registration=REGISTRATIONS.get(user.status.casefold(), Registration.UNKNOWN),
            aliases=tuple(alias for alias in (user.ext, user.email) if alias),
        )

    def _our_number(self, telnum: Telnum) -> OurNumber:
        return OurNumber(
            number=self._as_shown(telnum.telnum),
            name=telnum.name or None,
            enabled=None if telnum.disabled is None else not telnum.disabled,
            route=_route(telnum) or None,
        )

    def _sim_card(self, sim: Sim) -> SimCard:
        return SimCard(
            number=self._as_shown(sim.telnum),
            holder=sim.user_name or sim.user or None,
            is_shared=bool(sim.company),
            enabled=None if sim.disabled is None else not sim.disabled,
        )

    def _operator_line(self, line: SipRegistration) -> OperatorLine:
        said = LINE_STATES.get(line.status.casefold(), LineState.UNKNOWN)
        return OperatorLine(
            number=self._as_shown(line.telnum),
            name=line.name or None,
            operator=line.domain or None,
            state=LineState.OFF if line.active is False else said,
        )

    def _as_shown(self, telnum: str) -> str:
        """E.164; a range of the blacklist (``749512345*``) and what is no number as it stands."""
        return telnum if "*" in telnum else numbers.parse(telnum, self.country) or telnum


def connect(
    config: VatsRestConfig,
    *,
    country: str,
    keeper: Keeper,
    clock: Callable[[], datetime],
    mounted: Mounted | None = None,
) -> PhoneSystem:
    """`keeper` is not needed here: the key never changes by itself."""
    client, downloads = VatsRestClient(config, mounted=mounted), safe_download.for_pbx(config, mounted=mounted)
    return VatsRest(config, client, downloads, country=country, clock=clock)


def _department(group: Group) -> Department:
    members = tuple(
        Member(login=user.login, receives_calls=user.calls_enable, is_head=bool(user.group_head))
        for user in group.users
    )
    return Department(id=group.id, name=group.name or group.id, extension=group.ext or None, members=members)


def _route(route: Telnum | Route) -> str:
    """Where the calls go, in the names people gave."""
    if isinstance(route, Telnum) and (route.work or route.other):
        parts = [_route(part) for part in (route.work, route.other) if part]
        return " / ".join(part for part in parts if part)
    named = (route.user_name, route.user, route.group_name, route.group, route.ivr.name if route.ivr else "")
    outside = route.telnum if isinstance(route, Route) else ""
    return next((name for name in (*named, outside, route.type) if name), "")


def _telnum(number: str) -> str:
    """As VATS wants it: digits alone, no ``+``; a range keeps its ``*``."""
    return numbers.digits(number) + ("*" if number.endswith("*") else "") if number.startswith("+") else number
