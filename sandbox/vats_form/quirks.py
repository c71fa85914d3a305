"""How a PBX with the form API differs from its manual: the engine's differences, and those of this API alone."""

from dataclasses import dataclass
from typing import Literal

from sandbox.vats_rest import quirks


@dataclass(frozen=True)
class Quirks(quirks.Quirks):
    #: `telnum_name`, `wait` and `missedStatus` in webhooks: this manual has none of them.
    field_extras: bool = False
    #: The answer to makeCall: the id and nothing around it, {"uuid": id}, or an object without an id.
    made_call: Literal["bare", "uuid", "without id"] = "bare"
    #: The id that makeCall answers is in no webhook and in no history.
    another_callid: bool = False
    #: `account` of a call that a department missed, "a group's name": its `realName`, or its `id`.
    group_account: Literal["name", "id"] = "name"
    #: `account` as in the REST API's export: `login@domain`.
    account_with_domain: bool = False
    #: A history without calls: `null` instead of no rows.
    null_history: bool = False
