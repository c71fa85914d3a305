"""Chapter 12: settings of the whole domain."""

from collections.abc import Sequence
from typing import Literal

from pbx.vats_rest.client.base import Chapter, segment
from pbx.vats_rest.wire import base as wire
from pbx.vats_rest.wire.domain import (
    AnsweringMachine,
    CustomRole,
    Domain,
    MediaFile,
    Music,
    NamedUser,
    RecordSettings,
)

SEE = "Основные настройки → Просмотр"
EDIT = "Основные настройки → Редактирование"
DELETE = "Основные настройки → Удаление"


class DomainSettings(Chapter):
    """To see needs the right Основные настройки → Просмотр, to add → Редактирование, to take away → Удаление."""

    async def domain(self) -> Domain:
        """Time zone, limits and services. Section 12.1."""
        return wire.one(await self._ask("GET", "/domain", right=SEE), Domain)

    async def music(self) -> Music:
        """Section 12.2."""
        return wire.one(await self._ask("GET", "/music", right=SEE), Music)

    async def set_music(self, type: Literal["ringback", "holdmusic"], file: str) -> None:
        """Set a melody by a standard name or an id of the catalogue. Section 12.3.

        The text says `holdmusic` for both kinds; the names are those by which 12.2 shows them.
        """
        await self._ask("POST", f"/music/{segment(type)}", body={"file": file}, right=EDIT)

    async def media_catalog(self, type: str) -> list[MediaFile]:
        """Uploaded sound files. Section 12.4, whose list of types is missing."""
        return wire.many(await self._ask("GET", f"/media-catalog/{segment(type)}", right=SEE), MediaFile)

    async def record(self) -> RecordSettings:
        """What is recorded. Section 12.5."""
        return wire.one(await self._ask("GET", "/record", right=SEE), RecordSettings)

    async def add_record_exceptions(self, users: Sequence[str]) -> None:
        """Stop recording these employees. Section 12.5."""
        await self._ask("POST", "/record/users-exception", body=list(users), right=EDIT)

    async def delete_record_exceptions(self, users: Sequence[str]) -> None:
        """Section 12.5."""
        await self._ask("DELETE", "/record/users-exception", query={"user": users}, right=DELETE)

    async def custom_roles(self) -> list[CustomRole]:
        """Section 12.6."""
        return wire.many(await self._ask("GET", "/access-rights/custom-roles"), CustomRole)

    async def blf_users(self) -> list[NamedUser]:
        """Employees with a secretary's console. Section 12.7."""
        return wire.many(await self._ask("GET", "/blf/users", right=SEE), NamedUser)

    async def add_blf_users(self, users: Sequence[str]) -> None:
        """Section 12.7."""
        await self._ask("POST", "/blf/users", body=list(users), right=EDIT)

    async def delete_blf_users(self, users: Sequence[str]) -> None:
        """Section 12.7."""
        await self._ask("DELETE", "/blf/users", query={"user": users}, right=DELETE)

    async def answering_machine(self) -> AnsweringMachine:
        """Who gets the messages left for the company. Section 12.8."""
        return wire.one(await self._ask("GET", "/am", right=SEE), AnsweringMachine)

    async def add_answering_machine_users(self, users: Sequence[str]) -> None:
        """Section 12.8."""
        await self._ask("POST", "/am/users", body=list(users), right=EDIT)

    async def delete_answering_machine_users(self, users: Sequence[str]) -> None:
        """Section 12.8."""
        await self._ask("DELETE", "/am/users", query={"user": users}, right=DELETE)

    async def add_answering_machine_groups(self, groups: Sequence[str]) -> None:
        """Section 12.8."""
        await self._ask("POST", "/am/groups", body=list(groups), right=EDIT)

    async def delete_answering_machine_groups(self, groups: Sequence[str]) -> None:
        """Section 12.8."""
        await self._ask("DELETE", "/am/groups", query={"group": groups}, right=DELETE)
