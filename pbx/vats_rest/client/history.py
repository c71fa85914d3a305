"""Chapters 4 and 5: the history export and starting a call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeVar

from pbx.errors import BadPayload
from pbx.transport import Reply
from pbx.vats_export import csv_rows, stamp
from pbx.vats_rest.client.base import Chapter, Values
from pbx.vats_rest.wire import base as wire
from pbx.vats_rest.wire.history import (
    CsvHistoryRow,
    CsvInnerHistoryRow,
    HistoryRow,
    InnerHistoryRow,
    MadeCall,
    MakeCall,
)

#: Beats `start` and `end` (4.5). The manual's own example asks for "week", which its table does not know.
Period = Literal["today", "yesterday", "this_week", "last_week", "this_month", "last_month"]
CallType = Literal["all", "in", "out", "missed"]
InnerType = Literal["all", "success", "noanswer"]

Row = TypeVar("Row", CsvHistoryRow, CsvInnerHistoryRow)


class History(Chapter):
    """`start` and `end` are sent in UTC; without any of period, start and end the export is today's (4.5)."""

    async def history_csv(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        period: Period | None = None,
        type: CallType | None = None,
        limit: int | None = None,
        user: str | None = None,
        diversion: str | None = None,
        client: str | None = None,
    ) -> list[CsvHistoryRow]:
        """Outside calls as CSV without a header. Section 4.1."""
        query = {**_window(start, end, period), "type": type, "limit": limit}
        query |= {"user": user, "diversion": diversion, "client": client}
        return _table(await self._ask("GET", "/history/csv", query=query), CsvHistoryRow)

    async def history_json(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        period: Period | None = None,
        type: CallType | None = None,
        limit: int | None = None,
        user: str | None = None,
        diversion: str | None = None,
        client: str | None = None,
        groups: Sequence[str] | None = None,
        first_answered: bool | None = None,
        process_missed: bool | None = None,
        missed_status: Sequence[int] | None = None,
    ) -> list[HistoryRow]:
        """Outside calls; an empty window is answered with `null`. Section 4.2.

        From `groups` on the filters are revision 2's. `missedStatus` is told only with `process_missed`.
        """
        query = {**_window(start, end, period), "type": type, "limit": limit}
        query |= {"user": user, "diversion": diversion, "client": client, "groups": groups}
        query |= {"first_answered": first_answered, "processMissed": process_missed}
        query |= {"missedStatus": None if missed_status is None else [str(one) for one in missed_status]}
        return wire.many(await self._ask("GET", "/history/json", query=query), HistoryRow)

    async def history_inner_csv(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        period: Period | None = None,
        type: InnerType | None = None,
        limit: int | None = None,
        user: str | None = None,
    ) -> list[CsvInnerHistoryRow]:
        """Calls between colleagues as CSV without a header. Section 4.3."""
        query = {**_window(start, end, period), "type": type, "limit": limit, "user": user}
        return _table(await self._ask("GET", "/history/inner/csv", query=query), CsvInnerHistoryRow)

    async def history_inner_json(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        period: Period | None = None,
        type: InnerType | None = None,
        limit: int | None = None,
        user: str | None = None,
    ) -> list[InnerHistoryRow]:
        """Calls between colleagues. Section 4.4."""
        query = {**_window(start, end, period), "type": type, "limit": limit, "user": user}
        return wire.many(await self._ask("GET", "/history/inner/json", query=query), InnerHistoryRow)

    async def makecall(
        self,
        phone: str,
        *,
        user: str | None = None,
        group: str | None = None,
        clid: str | None = None,
        show_phone: bool | None = None,
    ) -> MadeCall:
        """Ring `user` (login or extension) or `group` (id or extension), then the client. Section 5.1.

        Never retried: a repeated request rings twice. Revision 1 takes `user` only.
        """
        asked = MakeCall(phone=phone, user=user, group=group, clid=clid, show_phone=show_phone)
        return wire.one(await self._ask("POST", "/makecall", body=asked.body()), MadeCall)


def _window(start: datetime | None, end: datetime | None, period: Period | None) -> Values:
    return {"start": stamp(start) if start else None, "end": stamp(end) if end else None, "period": period}


def _table(reply: Reply, row: type[Row]) -> list[Row]:
    rows = [] if reply.text.strip() == "null" else csv_rows(reply.text)
    try:
        return [row.of(cells) for cells in rows]
    except ValueError:
        raise BadPayload(f"{reply.request}: not the promised CSV", body=reply.body, status=reply.status) from None
