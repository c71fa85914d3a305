"""Chapter 8: departments."""

from collections.abc import AsyncIterator

from pbx.vats_rest.client.base import Chapter, segment
from pbx.vats_rest.wire import base as wire
from pbx.vats_rest.wire.people import Group, GroupChange, GroupUsersChange, NewGroup


class Groups(Chapter):
    def groups(self, *, search: str | None = None, limit: int | None = None) -> AsyncIterator[Group]:
        """All departments with their employees. Section 8.1."""
        return self._pages("/groups", Group, query={"search": search, "limit": limit})

    async def group(self, group_id: str) -> Group:
        """Section 8.2."""
        return wire.one(await self._ask("GET", f"/groups/{segment(group_id)}"), Group)

    async def add_group(self, group: NewGroup) -> Group:
        """Section 8.3. Needs the right Отделы → Создание."""
        return wire.one(await self._ask("POST", "/groups", body=group.body(), right="Отделы → Создание"), Group)

    async def edit_group(self, group_id: str, change: GroupChange) -> Group:
        """Change what `change` sets. Section 8.4. Needs the right Отделы → Редактирование."""
        path, right = f"/groups/{segment(group_id)}", "Отделы → Редактирование"
        return wire.one(await self._ask("PUT", path, body=change.body(), right=right), Group)

    async def delete_group(self, group_id: str) -> None:
        """Section 8.5. Needs the right Отделы → Удаление."""
        await self._ask("DELETE", f"/groups/{segment(group_id)}", right="Отделы → Удаление")

    async def edit_group_users(self, group_id: str, change: GroupUsersChange) -> None:
        """Add, silence and remove employees at once. Section 8.6. Needs the right Отделы → Редактирование."""
        path, right = f"/groups/{segment(group_id)}/users", "Отделы → Редактирование"
        await self._ask("POST", path, body=change.body(), right=right)
