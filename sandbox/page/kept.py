"""A Telegram that lasts: the world written to a file and read back, so that a kept demo goes on where it ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from sandbox.telegram import Chat, StoredFile, User, World

SETTLE = 1.0


@dataclass
class Saved:
    """What is written. Menus and profile texts are missing: the bot tells them anew when it starts."""

    users: dict[int, User]
    chats: dict[int, Chat]
    files: dict[str, StoredFile]
    waiting: list[dict[str, Any]]
    next_update: int
    next_id: int


_FORM: TypeAdapter[list[Saved]] = TypeAdapter(
    list[Saved], config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
)


class KeptWorld(World):
    """A world that can be saved and loaded."""

    def dump(self) -> bytes:
        """Everything that lasts, as JSON."""
        next_id = next(self._ids)
        self._ids = count(next_id)
        saved = Saved(
            {one.id: one for one in self.users.values() if one != self.bot},
            self.chats,
            self.files,
            list(self.updates.waiting),
            self.updates.next_id,
            next_id,
        )
        return _FORM.dump_json([saved])

    def load(self, text: bytes) -> None:
        """Become what was saved. ValueError if this is no such text."""
        (saved,) = _FORM.validate_json(text)
        self.users |= saved.users
        self.chats, self.files = saved.chats, saved.files
        self.updates.waiting.extend(saved.waiting)
        self.updates.next_id = saved.next_update
        self._ids = count(saved.next_id)

    def save(self, path: Path) -> None:
        """Replace the file in one step, so that a crash leaves the old one or the new one."""
        fresh = path.with_suffix(".new")
        fresh.write_bytes(self.dump())
        fresh.replace(path)

    async def keep(self, path: Path) -> None:
        """Runs until cancelled: saves shortly after something changed."""
        # Of size one: however much happens while a save is waited for, one more save is enough.
        async with self.watch(size=1) as changes:
            async for change in changes:
                if change["kind"] in ("message", "edit", "delete", "chat", "reload"):
                    await asyncio.sleep(SETTLE)
                    self.save(path)
