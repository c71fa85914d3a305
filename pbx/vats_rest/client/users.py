"""Chapter 6: employees. Everywhere `login` may also be the extension."""

from collections.abc import AsyncIterator

from pbx.transport import Reply
from pbx.vats_rest.client.base import Chapter, segment
from pbx.vats_rest.wire import base as wire
from pbx.vats_rest.wire.people import NewUser, State, User, UserChange, UserGroup


class Users(Chapter):
    def users(
        self, *, search: str | None = None, limit: int | None = None, with_status: bool = False
    ) -> AsyncIterator[User]:
        """All employees, page after page of `limit`. Section 6.1. `with_status` adds whether a phone is online."""
        query = {"search": search, "limit": limit, "with": "status" if with_status else None}
        return self._pages("/users", User, query=query)

    async def user(self, login: str, *, with_status: bool = False) -> User:
        """One employee. Section 6.2."""
        query = {"with": "status" if with_status else None}
        return wire.one(await self._ask("GET", f"/users/{segment(login)}", query=query), User)

    async def add_user(self, user: NewUser) -> User:
        """Add an employee. Section 6.3. Needs the right Сотрудники → Создание."""
        return wire.one(await self._ask("POST", "/users", body=user.body(), right="Сотрудники → Создание"), User)

    async def edit_user(self, login: str, change: UserChange) -> User:
        """Change what `change` sets. Section 6.4. Needs the right Сотрудники → Редактирование."""
        path, right = f"/users/{segment(login)}", "Сотрудники → Редактирование"
        return wire.one(await self._ask("PUT", path, body=change.body(), right=right), User)

    async def delete_user(self, login: str) -> None:
        """Section 6.5. Needs the right Сотрудники → Удаление."""
        await self._ask("DELETE", f"/users/{segment(login)}", right="Сотрудники → Удаление")

    async def user_groups(self, login: str) -> list[UserGroup]:
        """The departments an employee is in. Section 6.6."""
        return wire.many(await self._ask("GET", f"/users/{segment(login)}/groups"), UserGroup)

    async def subscription(self, login: str, group: str) -> bool:
        """Whether an employee gets the calls of a department. Section 6.7."""
        return wire.one(await self._subscription("GET", login, group), State).state

    async def subscribe(self, login: str, group: str) -> None:
        """Let an employee get the calls of a department. Section 6.7."""
        await self._subscription("POST", login, group)

    async def unsubscribe(self, login: str, group: str) -> None:
        """Section 6.7."""
        await self._subscription("DELETE", login, group)

    async def subscribe_to_all(self, login: str) -> None:
        """Let an employee get the calls of every department they are in. Section 6.8."""
        await self._subscription("POST", login, None)

    async def unsubscribe_from_all(self, login: str) -> None:
        """Section 6.8."""
        await self._subscription("DELETE", login, None)

    async def dnd(self, login: str) -> bool:
        """`state` as the PBX says it. Section 6.9. What it means is a setting: see `dnd_state` in SETUP.md."""
        return wire.one(await self._ask("GET", f"/users/{segment(login)}/dnd"), State).state

    async def enable_dnd(self, login: str) -> None:
        """Make `state` true. Section 6.9."""
        await self._ask("POST", f"/users/{segment(login)}/dnd", repeatable=True)

    async def disable_dnd(self, login: str) -> None:
        """Make `state` false. Section 6.9."""
        await self._ask("DELETE", f"/users/{segment(login)}/dnd", repeatable=True)

    async def _subscription(self, method: str, login: str, group: str | None) -> Reply:
        """A switch: setting it twice does no harm."""
        query = {"group_id": group}
        return await self._ask(method, f"/users/{segment(login)}/subscription", query=query, repeatable=True)
