"""What the form API says, in its own words. Unknown fields are kept; a field of another type costs only itself."""

import re
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from pbx.errors import BadPayload
from pbx.transport import Reply
from pbx.vats_dialect import NOBODY
from pbx.vats_export import Row, csv_rows


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _if_readable(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


Text = Annotated[str, BeforeValidator(_text)]
Number = Annotated[int | None, WrapValidator(_if_readable)]


class Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow", validate_by_name=True, validate_by_alias=True)


class Account(Said):
    """An employee: `name` is the login, `telnum` the direct number, which may be absent."""

    name: Text
    real_name: Text = Field("", alias="realName")
    ext: Text = ""
    telnum: Text = ""


class Group(Said):
    """A department. `ext` is a number here, a string in accounts."""

    id: Text
    real_name: Text = Field("", alias="realName")
    ext: Text = ""


class Subscription(Said):
    """Whether somebody gets the calls of a department."""

    status: Literal["on", "off"]


class Dnd(Said):
    state: bool


class MadeCall(Said):
    """The id of a started call, empty if it came without. It need not be the `callid` of the events that follow."""

    uuid: Text = ""


class HistoryRow(Said):
    """UID,type,client,account,via,start,wait,duration,record: no header row. Times in UTC, lengths in seconds.

    `type` is in, out or missed. `account` is the login of who talked, a department's name, or `ivr` / `fax` when the
    call never reached a person. `via` is our number (in) or the caller id (out). `duration` is the talk.
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

    @property
    def status(self) -> str:
        """`missed` is said; that somebody talked shows in `duration`. An unanswered `in` stays without a meaning:
        only the PBX's own word makes a call missed."""
        kind = self.type.casefold()
        if kind in ("in", "out") and self.duration and self.account.casefold() not in NOBODY:
            return "success"
        return "missed" if kind == "out" else self.type

    def row(self, department: str | None = None) -> Row:
        """`department`: the name of the department that `account` stands for, if it does."""
        account = self.account.casefold()
        return Row(
            uid=self.uid,
            type=self.type,
            start=self.start,
            status=self.status,
            client=self.client,
            our_number=self.via,
            user="" if department else self.account,
            department=department or "",
            destination=account if account in ("ivr", "fax") else "",
            wait="" if self.wait is None else str(self.wait),
            duration="" if self.duration is None else str(self.duration),
            record=self.record,
            rating=self.rating,
        )


Model = TypeVar("Model", bound=Said)

#: A bare id as the answer of makeCall: no JSON by the letter, and no page of HTML either.
_BARE_ID = re.compile(r"[\w.:@-]{1,120}")


def one(reply: Reply, model: type[Model]) -> Model:
    """The answer as `model`. Raises `BadPayload`."""
    try:
        return model.model_validate(reply.json())
    except ValidationError:
        raise _unpromised(reply) from None


def many(reply: Reply, model: type[Model]) -> list[Model]:
    """A list; an empty one may come as `null`."""
    said = reply.json()
    if said is not None and not isinstance(said, list):
        raise _unpromised(reply)
    try:
        return [model.model_validate(item) for item in said or ()]
    except ValidationError:
        raise _unpromised(reply) from None


def table(reply: Reply) -> list[HistoryRow]:
    """The history's CSV; empty, or `null`, when there were no calls."""
    rows = [] if reply.text.strip() == "null" else csv_rows(reply.text)
    try:
        return [HistoryRow.of(cells) for cells in rows]
    except ValueError:
        raise _unpromised(reply) from None


def made_call(reply: Reply) -> MadeCall:
    """A bare id, quoted or not; an object with `uuid`; an object without."""
    text = reply.text.strip().strip('"')
    if not text or _BARE_ID.fullmatch(text):
        return MadeCall(uuid="" if text == "null" else text)
    return one(reply, MadeCall)


def _unpromised(reply: Reply) -> BadPayload:
    return BadPayload(f"{reply.request}: not what the manual promises", body=reply.body, status=reply.status)
