"""Chapter 11: the blacklist."""

from collections.abc import Sequence

from pbx.vats_rest.client.base import Chapter
from pbx.vats_rest.wire import base as wire
from pbx.vats_rest.wire.numbers import BlacklistEntry, BlacklistRow
from pbx.vats_rest.wire.people import State

SEE, EDIT = "Черный список → Просмотр", "Черный список → Редактирование"


class Blacklist(Chapter):
    async def blacklist(self, *, with_statistics: bool = False) -> list[BlacklistRow]:
        """Refused numbers and ranges. Section 11.1. Needs the right Черный список → Просмотр."""
        query = {"with": "statistics" if with_statistics else None}
        return wire.many(await self._ask("GET", "/blacklist/telnums", query=query, right=SEE), BlacklistRow)

    async def add_to_blacklist(self, entries: Sequence[BlacklistEntry]) -> None:
        """Section 11.2. Needs the right Черный список → Создание."""
        body, right = wire.bodies(entries), "Черный список → Создание"
        await self._ask("POST", "/blacklist/telnums", body=body, right=right)

    async def delete_from_blacklist(self, telnums: Sequence[str]) -> None:
        """Section 11.3. Needs the right Черный список → Удаление."""
        await self._ask("DELETE", "/blacklist/telnums", query={"telnum": telnums}, right="Черный список → Удаление")

    async def block_anonymous(self) -> bool:
        """Whether calls with a hidden number are refused. Section 11.4. Needs the right Черный список → Просмотр."""
        return wire.one(await self._ask("GET", "/blacklist/block-anonymous", right=SEE), State).state

    async def enable_block_anonymous(self) -> None:
        """Section 11.4. Needs the right Черный список → Редактирование."""
        await self._ask("POST", "/blacklist/block-anonymous", right=EDIT, repeatable=True)

    async def disable_block_anonymous(self) -> None:
        """Section 11.4. Needs the right Черный список → Редактирование."""
        await self._ask("DELETE", "/blacklist/block-anonymous", right=EDIT, repeatable=True)
