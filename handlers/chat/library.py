"""Telegram's library, its models made when they are first used.

By itself aiogram makes all six hundred while it is imported: two seconds and a hundred megabytes, for the few dozen
that anybody here meets.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from pydantic import BaseModel

#: Made at once, so that nobody waits for them: the messages and the updates, and what a card and a press need.
#: The others take a hundredth of a second at most, and each only once.
USUAL = ("SendMessage", "EditMessageText", "GetUpdates", "AnswerCallbackQuery", "GetMe")
#: pydantic forgets a model of an answer that nobody holds, and makes it again for the next.
_kept: list[type[BaseModel]] = []


def bring_in() -> None:
    """Import it. Whoever does so without us has it as it is."""
    if "aiogram" in sys.modules:
        return
    with _making_put_off() as names:
        import_module("aiogram")
    _make_on_use(names)
    _kept.extend(_usual())


@contextmanager
def _making_put_off() -> Iterator[dict[str, Any]]:
    """What comes out are the names that the annotations of aiogram's types are to be read with."""
    names: dict[str, Any] = {}
    make = BaseModel.__dict__["model_rebuild"]

    def put_off(model: type[BaseModel], /, *, _parent_namespace_depth: int = 2, **told: Any) -> bool | None:
        if model.__module__.startswith("aiogram.types."):
            names.update(told["_types_namespace"])
            return None
        done: bool | None = make.__func__(model, _parent_namespace_depth=_parent_namespace_depth + 1, **told)
        return done

    BaseModel.model_rebuild = classmethod(put_off)  # type: ignore[assignment,method-assign]
    BaseModel.model_config["defer_build"] = True
    try:
        yield names
    finally:
        BaseModel.model_rebuild = make  # type: ignore[method-assign]
        del BaseModel.model_config["defer_build"]


def _make_on_use(names: dict[str, Any]) -> None:
    """pydantic makes what was put off by itself, but would look for names in each model's own module alone."""
    from aiogram.methods.base import Response, TelegramMethod
    from aiogram.types.base import TelegramObject

    make = BaseModel.__dict__["model_rebuild"]

    def made(model: type[BaseModel], /, **told: Any) -> bool | None:
        done: bool | None = make.__func__(model, **told | {"_types_namespace": names})
        return done

    for kind in (TelegramObject, TelegramMethod, Response):
        kind.model_rebuild = classmethod(made)  # type: ignore[assignment,method-assign]


def _usual() -> Iterator[type[BaseModel]]:
    """What others are made of comes first: then they take it as it is."""
    from aiogram import methods, types

    types.Message.model_rebuild()
    types.Update.model_rebuild()
    for name in USUAL:
        method: Any = getattr(methods, name)
        method.model_rebuild()
        answer = methods.Response[method.__returning__]
        answer.model_rebuild()
        yield answer
