"""What a scene is: its name, what to watch for, and how it is played."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sandbox.page.phones import Phones
from sandbox.page.stage import Stage

Play = Callable[[Stage, Phones], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Words:
    """A line in every language of the page."""

    en: str
    ru: str
    uk: str

    def view(self) -> dict[str, str]:
        return {"en": self.en, "ru": self.ru, "uk": self.uk}


@dataclass(frozen=True, slots=True)
class Scene:
    """`watch` says in one line what to look at; not every PBX has a part in it."""

    name: str
    icon: str
    title: Words
    watch: Words
    play: Play
    plays_on: Callable[[Phones], bool] = lambda _: True

    def view(self) -> dict[str, Any]:
        return {"name": self.name, "icon": self.icon, "title": self.title.view(), "watch": self.watch.view()}


def scene(
    name: str, icon: str, *, title: Words, watch: Words, plays_on: Callable[[Phones], bool] = lambda _: True
) -> Callable[[Play], Scene]:
    """Makes a scene of the function that plays it."""
    return lambda play: Scene(name, icon, title, watch, play, plays_on)
