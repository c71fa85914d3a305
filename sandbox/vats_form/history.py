"""The history as CSV without a header row: UID,type,client,account,via,start,wait,duration,record."""

from collections.abc import Iterable

from sandbox.vats_form.office import Office
from sandbox.vats_rest.history import ISO, as_csv, is_missed
from sandbox.vats_rest.office import HistoryRow

#: `account` of a call that never reached a person, by where it ended.
UNREACHED = {"ivr": "ivr", "hello": "ivr", "am": "ivr", "offtime": "ivr", "fax": "fax"}


def as_text(office: Office, rows: Iterable[HistoryRow]) -> str:
    return as_csv(_cells(office, row) for row in rows) or ("null" if office.quirks.null_history else "")


def _cells(office: Office, row: HistoryRow) -> list[object]:
    """`via` is our number (in) or the caller id (out); `duration` the talk alone, beside `wait`."""
    kind = "missed" if is_missed(row) else row.type
    start = row.start.strftime(ISO)
    cells: list[object] = [row.uid, kind, row.client, account(office, row), row.diversion, start]
    return [*cells, row.wait, row.duration, row.record]


def account(office: Office, row: HistoryRow) -> str:
    """The login of who talked, or a department's name, or a word for neither."""
    name = "" if row.destination in UNREACHED else row.user or _department(office, row)
    if not name:
        return UNREACHED.get(row.destination, "ivr")
    return f"{name}@{office.domain}" if office.quirks.account_with_domain else name


def _department(office: Office, row: HistoryRow) -> str:
    department = office.departments.get(row.group)
    if department is None:
        return ""
    return department.id if office.quirks.group_account == "id" else department.name
