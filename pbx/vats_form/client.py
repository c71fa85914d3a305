"""The client of the form API: one method per command. All of them are POSTs: that keeps the key out of addresses."""

from datetime import datetime
from functools import partial
from typing import Literal

from pbx import transport
from pbx.errors import AuthFailed, PbxError, Rejected
from pbx.transport import Mounted, Reply, Transport, excerpt
from pbx.vats_export import stamp
from pbx.vats_form import wire
from pbx.vats_form.config import VatsFormConfig
from pbx.vats_form.wire import Account, Dnd, Group, HistoryRow, MadeCall, Subscription

#: Beats `start` and `end`.
Period = Literal["today", "yesterday", "this_week", "last_week", "this_month", "last_month"]
CallType = Literal["all", "in", "out", "missed"]


class VatsFormClient:
    """Raises from the `PbxError` tree; repeats only what reads and what sets a switch."""

    def __init__(self, config: VatsFormConfig, *, mounted: Mounted | None = None) -> None:
        self._key = config.key
        self._transport = Transport(config.api_url, proxy=config.proxy, user_agent=config.user_agent, mounted=mounted)

    async def accounts(self) -> list[Account]:
        """All employees. Command `accounts`."""
        return wire.many(await self._command("accounts"), Account)

    async def groups(self, user: str | None = None) -> list[Group]:
        """All departments, or those of `user`. Command `groups`."""
        return wire.many(await self._command("groups", user=user), Group)

    async def make_call(self, user: str, phone: str) -> MadeCall:
        """Ring `user` (login, extension or direct number), then join the client. Command `makeCall`.

        `phone` without a leading ``+``, which is rejected. Never retried: a repeated request rings twice.
        """
        return wire.made_call(await self._command("makeCall", user=user, phone=phone, repeatable=False))

    async def history(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        period: Period | None = None,
        type: CallType | None = None,
        limit: int | None = None,
    ) -> list[HistoryRow]:
        """Calls, as CSV without a header. `start` and `end` go in UTC; `period` beats them. Command `history`."""
        return wire.table(
            await self._command(
                "history",
                period=period,
                start=stamp(start) if start else None,
                end=stamp(end) if end else None,
                type=type,
                limit=None if limit is None else str(limit),
            )
        )

    async def subscribe_on_calls(self, user: str, status: Literal["on", "off"], group_id: str | None = None) -> None:
        """Whether `user` gets the calls of a department. Command `subscribeOnCalls`.

        Without `group_id` every department and the personal line are switched. `user` is a CRM user's id, unless
        "self_map = true" was chosen when the integration was set up.
        """
        await self._command("subscribeOnCalls", user=user, status=status, group_id=group_id)

    async def subscription_status(self, user: str, group_id: str) -> Subscription:
        """Command `subscriptionStatus`: spelled as in the heading; the example's `subscribtionstatus` is rejected."""
        return wire.one(await self._command("subscriptionStatus", user=user, group_id=group_id), Subscription)

    async def set_dnd(self, user: str, state: bool) -> None:
        """Command `set_dnd`. What `state` means is a setting: see `dnd_state` in SETUP.md."""
        await self._command("set_dnd", user=user, state="true" if state else "false")

    async def get_dnd(self, user: str) -> bool:
        """Command `get_dnd`: `state` as the PBX says it."""
        return wire.one(await self._command("get_dnd", user=user), Dnd).state

    async def close(self) -> None:
        await self._transport.aclose()

    async def _command(self, cmd: str, *, repeatable: bool = True, **parameters: str | None) -> Reply:
        key = self._key.get_secret_value()
        said = {name: value for name, value in parameters.items() if value is not None}
        return await self._transport.request(
            "POST",
            "",
            form={"cmd": cmd, "token": key, **said},
            repeatable=repeatable,
            classify=partial(_classify, cmd=cmd, key=key),
        )


def _classify(reply: Reply, *, cmd: str, key: str) -> PbxError | None:
    """400 ``{"error": "Invalid parameters"}``, for an unknown command too; 401 ``{"error": "Invalid token"}``."""
    error = transport.classify(reply)
    if isinstance(error, Rejected):
        return Rejected(f"{error} to {cmd}", reason=_reason(reply, key), status=reply.status)
    if isinstance(error, AuthFailed):
        return AuthFailed(f"{reply.request}: the PBX refuses the key", status=reply.status)
    return error


def _reason(reply: Reply, key: str) -> str:
    """The PBX's own words, which come as JSON or bare; never with our key in them."""
    try:
        said = reply.json()
    except PbxError:
        said = reply.text
    if isinstance(said, dict):
        said = said.get("error") or ""
    text = said if isinstance(said, str) else "" if said is None else str(said)
    return "" if text.lstrip().startswith("<") else excerpt(text.replace(key, "…"))
