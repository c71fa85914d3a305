"""History rows and started calls (chapters 4 and 5)."""

from typing import Self

from pydantic import Field

from pbx.vats_export import Row
from pbx.vats_rest.wire.base import Asked, Number, Said, Text


class HistoryRow(Said):
    """An outside call, 4.2. Revision 1 writes `direction` for `type` and has `account` beside `user`.

    `start` is UTC by the manual; `wait` and `duration` (the talk) are seconds.
    """

    uid: Text = ""
    type: Text = ""
    direction: Text = ""
    status: Text = ""
    client: Text = ""
    account: Text = ""
    diversion: Text = ""
    telnum_name: Text = ""
    destination: Text = ""
    user: Text | None = None
    user_name: Text = ""
    group_name: Text = ""
    start: Text = ""
    wait: Number = None
    duration: Number = None
    record: Text = ""
    rating: Text = ""
    note: Text = ""
    missed_status: Text = Field("", alias="missedStatus")
    """Only when asked for: 1 the client called back, 2 we did, 3 nobody did, 4 we tried."""

    def row(self) -> Row:
        return Row(
            uid=self.uid,
            type=self.type or self.direction,
            start=self.start,
            status=self.status,
            client=self.client,
            our_number=self.diversion,
            our_number_name=self.telnum_name,
            user=self.account if self.user is None else self.user,
            department=self.group_name,
            destination=self.destination,
            wait="" if self.wait is None else str(self.wait),
            duration="" if self.duration is None else str(self.duration),
            record=self.record,
            rating=self.rating,
            missed_status=self.missed_status,
        )


class CsvHistoryRow(Said):
    """An outside call, 4.1. The table leaves `account` (``login@domain``) out, the example has it.

    `type` holds in, out, missed and even success. `rating` may be missing.
    """

    uid: Text
    type: Text
    client: Text
    account: Text
    via: Text
    start: Text
    wait: Number = None
    duration: Number = None
    record: Text = ""
    rating: Text = ""

    @classmethod
    def of(cls, cells: list[str]) -> Self:
        return cls.model_validate(dict(zip(cls.model_fields, cells, strict=False)))


class InnerHistoryRow(Said):
    """A call between colleagues, 4.4. `status` is success or noanswer."""

    uid: Text = ""
    status: Text = ""
    caller: Text = Field("", alias="from")
    callee: Text = Field("", alias="to")
    from_name: Text = ""
    to_name: Text = ""
    start: Text = ""
    wait: Number = None
    duration: Number = None
    record: Text = ""


class CsvInnerHistoryRow(Said):
    """A call between colleagues, 4.3: the table says `status`, the example holds in and out there."""

    uid: Text
    status: Text
    caller: Text
    callee: Text
    start: Text
    wait: Number = None
    duration: Number = None
    record: Text = ""

    @classmethod
    def of(cls, cells: list[str]) -> Self:
        return cls.model_validate(dict(zip(cls.model_fields, cells, strict=False)))


class MakeCall(Asked):
    """5.1. Revision 1 knows `phone` and `user` only."""

    phone: str
    user: str | None = None
    group: str | None = None
    clid: str | None = None
    show_phone: bool | None = None


class MadeCall(Said):
    """The call's id, and the outgoing number if one was asked for and may be used."""

    callid: Text = ""
    clid: Text = ""
