"""A module that is slow to import and not needed to take an event: it is imported when it is first used."""

from importlib import import_module
from typing import Any


class _Later:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, wanted: str) -> Any:
        return getattr(import_module(self._name), wanted)


def later(name: str) -> Any:
    """Stands for the module `name`. What it is for type checkers is said beside, by an ordinary import."""
    return _Later(name)
