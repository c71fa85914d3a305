"""Every documented operation: its section, what must go over the wire, what the manual's example becomes.

The expected requests are written from the manual, not from our code: raw, for t2 minds how a query is encoded.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from pbx.t2 import wire
from pbx.t2.client import T2Client
from pbx.t2.wire import Saved
from tests.pbx.t2.t2_account import ACCESS, REFRESH, fixture

MOSCOW = timezone(timedelta(hours=3))
START = datetime(2022, 7, 24, 10, 15, 30, tzinfo=MOSCOW)
END = datetime(2022, 7, 26, 10, 15, 30, tzinfo=MOSCOW)
PERIOD = "start=2022-07-24T10%3A15%3A30%2B03%3A00&end=2022-07-26T10%3A15%3A30%2B03%3A00"

#: Where something else than the manual's letter is right, and why.
CORRECTIONS = {
    "call-records/info": "no verb in its heading: a GET by its example",
    "call-records/info, the reply": "no brackets, a time without quotes: typography",
    "call-records/info, size and page": "not in the example; sent always, for the default of 10 is small",
    "statistics/missing, mcn_numbers[]": "the table has brackets, the example has none: as in the example",
    "statistics/missing, sort": "the example names no direction: ASC is said, so that late rows move no page",
    "statistics/common, subscriberNumber": "a path parameter, but the path has no place: in the query",
    "GET / managers/{id}": "a blank that is a misprint",
    "POST /managers": "the example sends an id; under «Форматы объектов» it must be absent: left out",
    "isVIP": "by the table; isVip in every example: sent as in the examples, both are read",
    "callerCompanyId": "by the table; calleeCompanyId in the example: both are read",
    "POST /blacklist": "msisdn in the table's query, in the example's body as html/text: as the example",
    "blacklist, Number": "by the table an integer named Number; the example has text named number",
    "call-records/file": "the example encodes the slash once",
    "call-records/file/stt": "the example encodes the slash twice",
    "recordFileName": "empty for unanswered calls by the text, not in the example: as the text",
    "400": "the example has details and message the other way round than the 403s and 404s: both are told",
}


@dataclass(frozen=True)
class Operation:
    section: str
    documented: str
    """Method and path as in the list of documented operations."""
    call: Callable[[T2Client], Awaitable[Any]]
    asked: str
    """Path and query after `/crm/openapi`, as they go over the wire."""
    reply: Any
    """A fixture's value, or the bytes of what is no JSON."""
    becomes: Callable[[Any], bool]
    headers: dict[str, str] = field(default_factory=lambda: {"Accept": "application/json"})
    body: Any = None
    token: str = ACCESS

    @property
    def method(self) -> str:
        return self.documented.split()[0]


async def _all(rows: AsyncIterator[Any]) -> list[Any]:
    return [row async for row in rows]


def _statistics(common: wire.CommonStatistics) -> bool:
    return (
        (common.all_call_count, common.success_call_count, common.lost_call_count) == (22, 8, 5)
        and (common.common_call_duration, common.internal_call_duration)
        == (timedelta(seconds=178), timedelta(seconds=717))
        and (common.hangup_a_call_count, common.hangup_b_call_count, common.redial_count) == (1, 2, 6)
        and common.call_count_per_day == 4.333333333333333
        and not common.model_extra
    )


def _journal(journal: wire.Journal) -> bool:
    return (
        journal.start_timestamp == datetime(2017, 2, 13, 8, 38, 50, tzinfo=UTC)
        and journal.end_timestamp == datetime(2017, 2, 14, 8, 38, 51, tzinfo=UTC)
        and (journal.number, journal.number_of_calls, journal.number_of_success_calls) == ("79535548834", 6, 3)
    )


def _missing(rows: list[wire.MissedRow]) -> bool:
    first, second = rows
    return (
        (first.id, first.caller_number, first.destination_number) == ("31495476", "79365113627", "79779117670")
        and first.start_date == datetime(2023, 8, 28, 12, 3, 19, 680_000, tzinfo=UTC)
        and (first.wait_duration, first.callee_company_id, first.callee_name) == (timedelta(seconds=1), 559, None)
        and second.id == "31458969"
    )


def _records(rows: list[wire.RecordRow]) -> bool:
    missed, answered = rows
    return (
        missed.call_timestamp == datetime(2022, 7, 15, 7, 27, 6, 348_000, tzinfo=UTC)
        and (missed.call_type, missed.call_status) == ("SINGLE_CHANNEL", "NOT_ANSWERED_COMMON")
        and (missed.call_duration, missed.conversation_duration) == (timedelta(seconds=25), None)
        and answered.conversation_duration == timedelta(seconds=6)
        and answered.record_file_name == "2022-08-12/mo_166030684915821522"
        and (answered.caller_name, answered.callee_name) == ("Анастасия Исаева", "Оля Заплаткина")
    )


def _manager(manager: wire.Manager) -> bool:
    client = manager.customers[0]
    return (
        (manager.id, manager.employee_id, manager.company_id, manager.name) == (26, 440, 391, "r")
        and (client.id, client.real_number, client.company_name, client.info, client.is_vip)
        == (92, "79081581621", "МММ", "специалист", False)
        and manager.customers[2].is_vip
        and not manager.handle_all_customers
    )


def _two_on_the_blacklist(rows: list[wire.BlacklistRow]) -> bool:
    return [(row.id, row.number, row.source_type) for row in rows] == [
        (10622, "79023581212", "MANUAL"),
        (10700, "79998889988", "MANUAL"),
    ]


TO_CREATE = fixture("manager_to_create")
CREATED = {name: value for name, value in TO_CREATE.items() if name != "id"}
MANAGER = wire.Manager.model_validate(fixture("manager"))

OPERATIONS = [
    Operation(
        "Обновление токена",
        "PUT /authorization/refresh/token",
        lambda client: client.refresh_token(REFRESH),
        "/authorization/refresh/token",
        fixture("token_pair"),
        lambda pair: (pair.access_token[-9:], pair.refresh_token[-9:]) == ("BxX0hy9YF", "Q5p15LHbS"),
        token=REFRESH,
    ),
    Operation(
        "Получение информации о текущих звонках",
        "GET /monitoring/calls",
        lambda client: client.calls(),
        "/monitoring/calls",
        fixture("monitoring_calls"),
        lambda rows: (
            [tuple(row.model_dump().values()) for row in rows]
            == [("INTERNAL", "0001", "79535548834", "0002", "79527745939")]
        ),
    ),
    Operation(
        "Получение списка абонентов в очереди",
        "GET /monitoring/calls/pending",
        lambda client: client.pending_calls(),
        "/monitoring/calls/pending",
        fixture("pending_calls"),
        lambda rows: [(row.queue_name, row.calls) for row in rows] == [("1", ("79527648162", "79527648163"))],
    ),
    Operation(
        "Получение списка сотрудников компании",
        "GET /employees",
        lambda client: client.employees(),
        "/employees",
        fixture("employees_one_with_nothing_but_an_id"),
        lambda rows: (
            [(row.employee_id, row.name, row.full_number, row.email) for row in rows]
            == [
                (433, "Артем", "79081560008", "asd@asd.ru"),
                (5412, None, None, None),
                (5521, "Asd", "74534534454", None),
            ]
        ),
    ),
    Operation(
        "Click 2 call (вызов через АТС)",
        "POST /call/outgoing",
        lambda client: client.outgoing_call(destination="79533933557", source="79026840778"),
        "/call/outgoing?destination=79533933557&source=79026840778",
        b"",
        lambda nothing: nothing is None,
    ),
    Operation(
        "Получение общей статистики",
        "GET /statistics/common",
        lambda client: client.common_statistics(START, END, subscriber_number="79535548834"),
        f"/statistics/common?{PERIOD}&subscriberNumber=79535548834",
        fixture("common_statistics"),
        _statistics,
    ),
    Operation(
        "Получение статистики по конкретному номеру",
        "GET /statistics/journal",
        lambda client: client.journal(START, END, number="79535548834"),
        f"/statistics/journal?{PERIOD}&number=79535548834",
        fixture("journal_time_stamps_in_seconds"),
        _journal,
    ),
    Operation(
        "Получение статистики по пропущенным звонкам на МКН",
        "GET /statistics/missing",
        lambda client: _all(
            client.missing(
                datetime(2023, 8, 1, 13, 54, 21, 699_000, tzinfo=UTC),
                datetime(2023, 8, 23, 13, 54, 21, 699_000, tzinfo=UTC),
                mcn_numbers=["79779117670"],
            )
        ),
        "/statistics/missing?start=2023-08-01T13%3A54%3A21.699%2B00%3A00&end=2023-08-23T13%3A54%3A21.699%2B00%3A00"
        "&mcn_numbers=79779117670&sort=startDate%2CASC&page=0&size=100",
        fixture("missing_with_local_offset"),
        _missing,
    ),
    Operation(
        "Получение списка записей разговоров",
        "GET /call-records/info",
        lambda client: _all(client.call_records(START, END, callee="89056678798", is_recorded=True)),
        f"/call-records/info?{PERIOD}&callee=89056678798&is_recorded=true&sort=date%2CASC&page=0&size=100",
        fixture("call_records"),
        _records,
    ),
    Operation(
        "Получение файла записи разговора",
        "GET /call-records/file",
        lambda client: client.record_file("2022-07-15/165787002922476116"),
        "/call-records/file?filename=2022-07-15%2F165787002922476116",
        b"ID3 the sound",
        lambda sound: sound == b"ID3 the sound",
        headers={"Accept": "*/*"},
    ),
    Operation(
        "Получение транскрибированного текста записей разговоров",
        "GET /call-records/file/stt",
        lambda client: client.transcript("2022-08-19/166243421852679930"),
        "/call-records/file/stt?filename=2022-08-19%252F166243421852679930",
        fixture("transcript_words"),
        lambda words: (
            [word.word for word in words] == ["информируем", "что", "разговор", "двенадцать", "лет"]
            and (words[3].channel, words[3].start_time) == ("A", timedelta(seconds=4, milliseconds=770))
        ),
    ),
    Operation(
        "Получение списка менеджеров",
        "GET /managers",
        lambda client: client.managers(),
        "/managers",
        [fixture("manager")],
        lambda managers: len(managers) == 1 and _manager(managers[0]),
    ),
    Operation(
        "Получение менеджера по ID",
        "GET /managers/{id}",
        lambda client: client.manager(26),
        "/managers/26",
        fixture("manager"),
        _manager,
    ),
    Operation(
        "Создание менеджера",
        "POST /managers",
        lambda client: client.create_manager(wire.Manager.model_validate(TO_CREATE)),
        "/managers",
        b"SUCCESS",
        lambda saved: saved is Saved.SUCCESS,
        headers={"Accept": "application/json", "Content-Type": "application/json"},
        body=CREATED,
    ),
    Operation(
        "Редактирование менеджера",
        "PUT /managers",
        lambda client: client.update_manager(MANAGER),
        "/managers",
        b'"CUSTOMER_ALREADY_ASSIGNED"',
        lambda saved: saved is Saved.CUSTOMER_ASSIGNED,
        headers={"Accept": "application/json", "Content-Type": "application/json"},
        body=fixture("manager"),
    ),
    Operation(
        "Удаление менеджера",
        "DELETE /managers/{id}",
        lambda client: client.delete_manager(26),
        "/managers/26",
        b"",
        lambda nothing: nothing is None,
    ),
    Operation(
        "Занесение номера в черный список",
        "POST /blacklist",
        lambda client: client.add_to_blacklist("79998887766"),
        "/blacklist",
        b"DUPLICATE_BLACK_LIST_NUMBER",
        lambda saved: saved is Saved.DUPLICATE,
        headers={"Accept": "application/json", "Content-Type": "html/text"},
        body=b"79998887766",
    ),
    Operation(
        "Удаление номера из черного списка",
        "DELETE /blacklist/by-msisdn/{msisdn}",
        lambda client: client.remove_from_blacklist("77473370262"),
        "/blacklist/by-msisdn/77473370262",
        b"SUCCESS",
        lambda saved: saved is Saved.SUCCESS,
    ),
    Operation(
        "Удаление всех номеров из черного списка",
        "DELETE /blacklist/all",
        lambda client: client.clear_blacklist(),
        "/blacklist/all",
        b"SUCCESS",
        lambda saved: saved is Saved.SUCCESS,
    ),
    Operation(
        "Получение всего черного списка",
        "GET /blacklist",
        lambda client: client.blacklist(),
        "/blacklist",
        fixture("blacklist"),
        _two_on_the_blacklist,
    ),
]
