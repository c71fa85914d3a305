"""Every command of the manual, written down from the manual: what must be sent, what its example becomes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pbx.vats_form.client import VatsFormClient

#: Where something else than the manual's letter is right, and why.
CORRECTIONS = {
    "subscriptionStatus": "the example's `subscribtionstatus` is rejected in the field, the heading's spelling works",
    "subscribeOnCalls": "spelled as in the heading; the example is in lower case",
    "makeCall": 'a leading "+" is rejected; the id may be bare, in `uuid`, or missing',
    "accounts, groups, history, subscriptionStatus, get_dnd": "may go as GET: not done, the key would be in the URL",
    "history": "the CSV has no header; `type` may hold success; rating may follow as a tenth column",
    "groups": "`ext` is a number here and a string in accounts: both are read",
}

SINCE, UNTIL = datetime(2022, 1, 20, tzinfo=UTC), datetime(2022, 1, 20, 12, 30, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Command:
    call: Callable[[VatsFormClient], Awaitable[Any]]
    asked: dict[str, str]
    reply: str | None = None
    """A fixture; without one the manual's answer is empty."""
    becomes: Callable[[Any], bool] = lambda result: result is None

    @property
    def title(self) -> str:
        return " ".join([*self.asked.values(), self.reply or ""])


COMMANDS = [
    Command(
        lambda client: client.accounts(),
        {"cmd": "accounts"},
        "accounts_one_without_telnum.json",
        lambda accounts: (
            [(one.name, one.real_name, one.ext, one.telnum) for one in accounts]
            == [("andy", "Андрей", "708", "79261234567"), ("mary", "Мария", "709", "")]
        ),
    ),
    Command(
        lambda client: client.groups(),
        {"cmd": "groups"},
        "groups_ext_is_a_number.json",
        lambda groups: [(one.id, one.real_name, one.ext) for one in groups] == [("sales", "Отдел продаж", "701")],
    ),
    Command(
        lambda client: client.groups("andy"),
        {"cmd": "groups", "user": "andy"},
        "groups_ext_is_a_number.json",
        lambda groups: len(groups) == 1,
    ),
    *(
        Command(
            lambda client: client.make_call("andy", "79101234567"),
            {"cmd": "makeCall", "user": "andy", "phone": "79101234567"},
            reply,
            becomes,
        )
        for reply, becomes in [
            ("make_call_bare_id.txt", lambda made: made.uuid == "B10D0EB124F4E64AF4EA-1511"),
            ("make_call_bare_id_in_quotes.json", lambda made: made.uuid == "B10D0EB124F4E64AF4EA-1511"),
            ("make_call_object_with_uuid.json", lambda made: made.uuid == "B10D0EB124F4E64AF4EA-1511"),
            ("make_call_object_without_an_id.json", lambda made: made.uuid == ""),
            (None, lambda made: made.uuid == ""),
        ]
    ),
    Command(
        lambda client: client.history(start=SINCE, end=UNTIL, type="missed", limit=10),
        {"cmd": "history", "start": "20220120T000000Z", "end": "20220120T123005Z", "type": "missed", "limit": "10"},
        "history_every_kind_of_row.csv",
        lambda rows: (
            (rows[0].type, rows[0].account, rows[0].wait, rows[0].duration) == ("missed", "sales", 13, 0)
            and (rows[1].record, rows[1].rating, rows[9].rating) == ("https://link/file.mp3", "", "5")
        ),
    ),
    Command(
        lambda client: client.history(period="last_week"),
        {"cmd": "history", "period": "last_week"},
        None,
        lambda rows: rows == [],
    ),
    Command(
        lambda client: client.subscribe_on_calls("andy", "on", "sales"),
        {"cmd": "subscribeOnCalls", "user": "andy", "status": "on", "group_id": "sales"},
    ),
    Command(
        lambda client: client.subscribe_on_calls("andy", "off"),
        {"cmd": "subscribeOnCalls", "user": "andy", "status": "off"},
    ),
    Command(
        lambda client: client.subscription_status("andy", "sales"),
        {"cmd": "subscriptionStatus", "user": "andy", "group_id": "sales"},
        "subscription_on.json",
        lambda subscription: subscription.status == "on",
    ),
    Command(lambda client: client.set_dnd("andy", True), {"cmd": "set_dnd", "user": "andy", "state": "true"}),
    Command(lambda client: client.set_dnd("andy", False), {"cmd": "set_dnd", "user": "andy", "state": "false"}),
    Command(
        lambda client: client.get_dnd("andy"),
        {"cmd": "get_dnd", "user": "andy"},
        "dnd_state_true.json",
        lambda state: state is True,
    ),
]
