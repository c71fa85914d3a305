"""Chapters 13 and 14: outgoing numbers, and where one may call."""

from collections.abc import Sequence

from pbx.vats_rest.client.base import Chapter, segment
from pbx.vats_rest.wire import base as wire
from pbx.vats_rest.wire.outgoing import (
    AllowGroup,
    AllowUser,
    CallerIds,
    CallerIdTelnum,
    CallsRestrictions,
    Mode,
    Region,
    RestrictionArea,
)

SEE_NUMBERS = "Исходящие номера → Просмотр"
EDIT_NUMBERS = "Исходящие номера → Редактирование"
DELETE_NUMBERS = "Исходящие номера → Удаление"

SEE_LIMITS = "Ограничения звонков → Просмотр"
EDIT_LIMITS = "Ограничения звонков → Редактирование"
DELETE_LIMITS = "Ограничения звонков → Удаление"


class OutgoingNumbers(Chapter):
    """Needs the rights Исходящие номера → Просмотр, → Редактирование to set, → Удаление to take away."""

    async def caller_ids(self) -> CallerIds:
        """Section 13.1."""
        return wire.one(await self._ask("GET", "/caller-ids", right=SEE_NUMBERS), CallerIds)

    async def caller_id_telnums(self) -> list[CallerIdTelnum]:
        """Numbers that may be shown to those we call. Section 13.2."""
        return wire.many(await self._ask("GET", "/caller-ids/telnums"), CallerIdTelnum)

    async def set_main_caller_id(self, telnum: str) -> None:
        """Section 13.3."""
        await self._ask("POST", "/caller-ids/main", body={"telnum": telnum}, right=EDIT_NUMBERS)

    async def set_user_caller_id(self, login: str, telnum: str) -> None:
        """Section 13.4."""
        body = {"telnum": telnum, "login": login}
        await self._ask("POST", "/caller-ids/users", body=body, right=EDIT_NUMBERS)

    async def delete_user_caller_id(self, login: str) -> None:
        """Section 13.4."""
        await self._ask("DELETE", f"/caller-ids/users/{segment(login)}", right=DELETE_NUMBERS)

    async def set_group_caller_id(self, group_id: str, telnum: str) -> None:
        """Section 13.4."""
        body = {"telnum": telnum, "id": group_id}
        await self._ask("POST", "/caller-ids/groups", body=body, right=EDIT_NUMBERS)

    async def delete_group_caller_id(self, group_id: str) -> None:
        """Section 13.4."""
        await self._ask("DELETE", f"/caller-ids/groups/{segment(group_id)}", right=DELETE_NUMBERS)

    async def set_region_caller_id(self, region_id: str, telnum: str, *, mode: Mode = "all") -> None:
        """Section 13.5."""
        body = {"telnum": telnum, "id": region_id, "mode": mode}
        await self._ask("POST", "/caller-ids/regions", body=body, right=EDIT_NUMBERS)

    async def delete_region_caller_id(self, region_id: str, *, mode: Mode = "all") -> None:
        """Section 13.5."""
        path = f"/caller-ids/regions/{segment(region_id)}"
        await self._ask("DELETE", path, query={"mode": mode}, right=DELETE_NUMBERS)

    async def regions(self) -> list[Region]:
        """Section 13.5."""
        return wire.many(await self._ask("GET", "/caller-ids/regions"), Region)


class Restrictions(Chapter):
    """Needs the rights Ограничения звонков → Просмотр, → Редактирование to allow, → Удаление to take it back."""

    async def calls_restrictions(self) -> CallsRestrictions:
        """Section 14.1."""
        return wire.one(await self._ask("GET", "/calls-restrictions", right=SEE_LIMITS), CallsRestrictions)

    async def allow_all(self, areas: Sequence[RestrictionArea]) -> None:
        """Let everybody call there. Section 14.2."""
        await self._ask("POST", "/calls-restrictions/main", body={"allowed": list(areas)}, right=EDIT_LIMITS)

    async def disallow_all(self, areas: Sequence[RestrictionArea]) -> None:
        """Section 14.2."""
        await self._ask("DELETE", "/calls-restrictions/main", query={"allowed": areas}, right=DELETE_LIMITS)

    async def allow_users(self, rules: Sequence[AllowUser]) -> None:
        """Section 14.3."""
        await self._ask("POST", "/calls-restrictions/users", body=wire.bodies(rules), right=EDIT_LIMITS)

    async def disallow_user(self, login: str, areas: Sequence[RestrictionArea]) -> None:
        """Section 14.3."""
        path = f"/calls-restrictions/users/{segment(login)}"
        await self._ask("DELETE", path, query={"allowed": areas}, right=DELETE_LIMITS)

    async def allow_groups(self, rules: Sequence[AllowGroup]) -> None:
        """Section 14.4."""
        await self._ask("POST", "/calls-restrictions/groups", body=wire.bodies(rules), right=EDIT_LIMITS)

    async def disallow_group(self, group_id: str, areas: Sequence[RestrictionArea]) -> None:
        """Section 14.4."""
        path = f"/calls-restrictions/groups/{segment(group_id)}"
        await self._ask("DELETE", path, query={"allowed": areas}, right=DELETE_LIMITS)
