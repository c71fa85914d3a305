"""t2's API, one method per documented operation, in the manual's words ("employees", "managers", "call-records").

Every method may raise `TokenRefused`; an access token found expired is replaced and the request made once more,
which is safe, for a refused request has done nothing.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from pbx.errors import BadPayload
from pbx.phone_system import Keeper
from pbx.safe_download import Keys
from pbx.t2.config import T2Config
from pbx.t2.refusals import TokenRefused, classify
from pbx.t2.tokens import TokenStore
from pbx.t2.wire import (
    BlacklistRow,
    CommonStatistics,
    CurrentCall,
    Employee,
    Journal,
    Manager,
    MissedRow,
    Queue,
    RecordRow,
    Saved,
    Tokens,
    Wire,
    Word,
    manager_body,
)
from pbx.transport import Mounted, Query, Reply, Transport

#: The older host name (of the operator's former name) answers 308 to this one.
NEW_HOST = "ats2.t2.ru"
PAGE = 100
#: A page shorter than this is the last. Not PAGE: a server that keeps to its own default size (10) must not
#: look like one that has no more.
SHORTEST_FULL_PAGE = 10

Row = TypeVar("Row", bound=Wire)


class T2Client:
    def __init__(
        self, config: T2Config, *, keeper: Keeper, clock: Callable[[], datetime], mounted: Mounted | None = None
    ) -> None:
        self._url = config.api_url
        self._transport = Transport(
            config.api_url,
            headers={"Accept": "application/json"},
            proxy=config.proxy,
            user_agent=config.user_agent,
            new_hosts={NEW_HOST},
            mounted=mounted,
        )
        configured = (config.access_token.get_secret_value(), config.refresh_token.get_secret_value())
        self.tokens = TokenStore(configured, keeper=keeper, clock=clock, renew=self.refresh_token)

    async def close(self) -> None:
        await self.tokens.close()
        await self._transport.aclose()

    # Обновление токена

    async def refresh_token(self, refresh_token: str) -> Tokens:
        """A new pair for a refresh token. «Обновление токена».

        Kills both old tokens, so it is never repeated by itself, and whoever calls it must store the new pair
        before using it: use `tokens.refresh()`.
        """
        reply = await self._send("PUT", "/authorization/refresh/token", refresh_token, repeatable=False)
        try:
            return Tokens.model_validate(reply.json())
        except (ValidationError, BadPayload):
            # The body may hold the new tokens, so it is not kept.
            raise BadPayload(f"{reply.request}: no token pair in the answer", status=reply.status) from None

    # Мониторинг

    async def calls(self) -> list[CurrentCall]:
        """The calls going on. «Получение информации о текущих звонках». A row may be absent for one reading."""
        return _rows(CurrentCall, await self._ask("GET", "/monitoring/calls"))

    async def pending_calls(self) -> list[Queue]:
        """Who waits in which queue. «Получение списка абонентов в очереди»."""
        return _rows(Queue, await self._ask("GET", "/monitoring/calls/pending"))

    async def employees(self) -> list[Employee]:
        """«Получение списка сотрудников компании»."""
        return _rows(Employee, await self._ask("GET", "/employees"))

    async def outgoing_call(self, *, destination: str, source: str) -> None:
        """Ring `source` (an employee's number), then `destination` (a client's). «Click 2 call».

        404: no such employee. Never repeated by us: a repeated request rings twice.
        """
        query = {"destination": destination, "source": source}
        await self._ask("POST", "/call/outgoing", query=query, repeatable=False)

    # Статистика

    async def common_statistics(
        self, start: datetime, end: datetime, *, subscriber_number: str | None = None
    ) -> CommonStatistics:
        """Counts and durations (seconds) of the company or of one number. «Получение общей статистики»."""
        query = {"start": _iso(start), "end": _iso(end), "subscriberNumber": subscriber_number}
        return _one(CommonStatistics, await self._ask("GET", "/statistics/common", query=query))

    async def journal(self, start: datetime, end: datetime, *, number: str | None = None) -> Journal:
        """How many calls one number (7XXXXXXXXXX) had. «Получение статистики по конкретному номеру»."""
        query = {"start": _iso(start), "end": _iso(end), "number": number}
        return _one(Journal, await self._ask("GET", "/statistics/journal", query=query))

    async def missing(
        self, start: datetime, end: datetime, *, mcn_numbers: Sequence[str] = (), sort: str = "startDate,ASC"
    ) -> AsyncIterator[MissedRow]:
        """Missed calls on multichannel numbers, page by page. «… по пропущенным звонкам на МКН»."""
        query = {"start": _iso(start), "end": _iso(end), "mcn_numbers": list(mcn_numbers) or None, "sort": sort}
        async for row in self._pages("/statistics/missing", query):
            yield _row(MissedRow, row)

    # Запись разговоров

    async def call_records(
        self,
        start: datetime,
        end: datetime,
        *,
        caller: str | None = None,
        callee: str | None = None,
        is_recorded: bool | None = None,
        sort: str = "date,ASC",
    ) -> AsyncIterator[RecordRow]:
        """Calls page by page; with both numbers only those between them. «Получение списка записей разговоров».

        `is_recorded=True` leaves the missed calls out.
        """
        query: dict[str, Any] = {"start": _iso(start), "end": _iso(end), "caller": caller, "callee": callee}
        async for row in self._pages("/call-records/info", {**query, "is_recorded": is_recorded, "sort": sort}):
            yield _row(RecordRow, row)

    def record_file_url(self, record_file_name: str) -> str:
        """Where `record_file` has it, for who reads it piece by piece with `recording_keys`."""
        return f"{self._url}/call-records/file?filename={quote(record_file_name, safe='')}"

    async def recording_keys(self) -> Keys:
        """The token, and the one after it."""
        pair = await self.tokens.current()
        refused = yield {"Authorization": pair.access}
        if isinstance(refused, TokenRefused):
            yield {"Authorization": (await self.tokens.after(pair, refused)).access}

    async def record_file(self, record_file_name: str) -> bytes:
        """The recording as MP3. «Получение файла записи разговора». 404: none of that name.

        The name holds a slash, encoded once, as the manual's example does.
        """
        query = {"filename": record_file_name}
        return (await self._ask("GET", "/call-records/file", query=query, accept="*/*")).body

    async def transcript(self, record_file_name: str) -> list[Word]:
        """The recognised words in order. «Получение транскрибированного текста». 404: none yet, or never.

        Here the manual's example encodes the slash twice (`%252F`).
        """
        query = {"filename": quote(record_file_name, safe="")}
        return _rows(Word, await self._ask("GET", "/call-records/file/stt", query=query))

    # Персональные менеджеры

    async def managers(self) -> list[Manager]:
        """Who is responsible for which clients. «Получение списка менеджеров»."""
        return _rows(Manager, await self._ask("GET", "/managers"))

    async def manager(self, id: int) -> Manager:
        """«Получение менеджера по ID». 404: no such manager."""
        return _one(Manager, await self._ask("GET", f"/managers/{id}"))

    async def create_manager(self, manager: Manager) -> Saved:
        """«Создание менеджера». By «Форматы объектов» the id must be left out (the example sends one)."""
        body = manager_body(manager.model_copy(update={"id": None}))
        return _saved(await self._ask("POST", "/managers", json=body, repeatable=False))

    async def update_manager(self, manager: Manager) -> Saved:
        """«Редактирование менеджера», by its id, as a whole. 404: no such manager or employee."""
        if manager.id is None:
            raise ValueError("an existing manager has an id")
        return _saved(await self._ask("PUT", "/managers", json=manager_body(manager), repeatable=True))

    async def delete_manager(self, id: int) -> None:
        """«Удаление менеджера». 404: no such manager; so it is not repeated: the second try would say so."""
        await self._ask("DELETE", f"/managers/{id}")

    # Черный список

    async def blacklist(self) -> list[BlacklistRow]:
        """«Получение всего черного списка»."""
        return _rows(BlacklistRow, await self._ask("GET", "/blacklist"))

    async def add_to_blacklist(self, msisdn: str) -> Saved:
        """«Занесение номера в черный список», 7XXXXXXXXXX. Says DUPLICATE if it was there.

        The table has `msisdn` in the query, the example the bare number as the body, with `html/text` (sic): we do
        as the example does.
        """
        return _saved(
            await self._ask(
                "POST", "/blacklist", content=msisdn.encode("ascii"), content_type="html/text", repeatable=False
            )
        )

    async def remove_from_blacklist(self, msisdn: str) -> Saved:
        """«Удаление номера из черного списка»."""
        return _saved(await self._ask("DELETE", f"/blacklist/by-msisdn/{quote(msisdn, safe='')}"))

    async def clear_blacklist(self) -> Saved:
        """«Удаление всех номеров из черного списка»."""
        return _saved(await self._ask("DELETE", "/blacklist/all", repeatable=True))

    async def _pages(self, path: str, query: Query) -> AsyncIterator[dict[str, Any]]:
        """Every row of a list, oldest first: late rows push others to later pages, where they are seen again."""
        page, before = 0, None
        while True:
            reply = (await self._ask("GET", path, query={**query, "page": page, "size": PAGE})).json()
            rows = _listed(reply, path)
            if rows == before:  # a server that knows no pages
                return
            for row in rows:
                yield row
            if len(rows) < SHORTEST_FULL_PAGE or (isinstance(reply, dict) and reply.get("last") is True):
                return
            page, before = page + 1, rows

    async def _ask(self, method: str, path: str, **request: Any) -> Reply:
        pair = await self.tokens.current()
        try:
            return await self._send(method, path, pair.access, **request)
        except TokenRefused as refused:
            pair = await self.tokens.after(pair, refused)
        return await self._send(method, path, pair.access, **request)

    async def _send(
        self,
        method: str,
        path: str,
        token: str,
        *,
        query: Query | None = None,
        json: Any = None,
        content: bytes | None = None,
        content_type: str = "",
        accept: str = "",
        repeatable: bool | None = None,
    ) -> Reply:
        headers = {"Authorization": token, "Content-Type": content_type, "Accept": accept}
        return await self._transport.request(
            method,
            path,
            query=query,
            json=json,
            content=content,
            headers={name: value for name, value in headers.items() if value},
            repeatable=repeatable,
            redirects=(308,),
            classify=lambda reply: classify(reply, token),
        )


def _iso(moment: datetime) -> str:
    """ISO 8601 with an offset, in milliseconds as the manual writes it: ``2023-08-23T13:54:21.699+00:00``."""
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")


def _listed(reply: Any, path: str) -> list[dict[str, Any]]:
    """A bare array or `{"content": […]}`; both are seen. Nothing at all is an empty list."""
    rows = reply.get("content") if isinstance(reply, dict) else reply
    if rows is None and not reply:
        return []
    if not isinstance(rows, list):
        raise BadPayload(f"GET {path}: not a list", body=str(reply).encode())
    return [row for row in rows if isinstance(row, dict)]


def _rows(kind: type[Row], reply: Reply) -> list[Row]:
    return [_row(kind, row) for row in _listed(reply.json(), reply.request)]


def _one(kind: type[Row], reply: Reply) -> Row:
    body = reply.json()
    if not isinstance(body, dict):
        raise BadPayload(f"{reply.request}: not an object", body=reply.body, status=reply.status)
    return _row(kind, body)


def _row(kind: type[Row], row: dict[str, Any]) -> Row:
    try:
        return kind.model_validate(row)
    except ValidationError as wrong:
        fields = ", ".join(".".join(map(str, error["loc"])) for error in wrong.errors(include_input=False))
        raise BadPayload(f"{kind.__name__}: can't be read: {fields}", body=str(row).encode()) from None


def _saved(reply: Reply) -> Saved:
    """The word, bare or as JSON text."""
    word = reply.text.strip().strip('"')
    try:
        return Saved(word)
    except ValueError:
        raise BadPayload(f"{reply.request}: an unknown result", body=reply.body, status=reply.status) from None
