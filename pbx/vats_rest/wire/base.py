"""How a VATS's JSON is read: unknown fields are kept, and a field of another type than promised costs only itself."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from pbx.errors import BadPayload
from pbx.transport import Reply

T = TypeVar("T")


class Said(BaseModel):
    """Something the PBX says."""

    model_config = ConfigDict(frozen=True, extra="allow", validate_by_name=True, validate_by_alias=True)


class Asked(BaseModel):
    """Something we ask of the PBX; only what is set is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    def body(self) -> dict[str, Any]:
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


def _if_readable(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


def _items(value: Any) -> Any:
    return (value,) if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()


#: null and what is no text at all become "".
Text = Annotated[str, BeforeValidator(_text)]
Number = Annotated[int | None, WrapValidator(_if_readable)]
Flag = Annotated[bool | None, WrapValidator(_if_readable)]
Maybe = Annotated[T | None, WrapValidator(_if_readable)]
#: A list; the manual sometimes says "object" where a list is meant.
Many = Annotated[tuple[T, ...], BeforeValidator(_items)]

Model = TypeVar("Model", bound=BaseModel)


def one(reply: Reply, model: type[Model]) -> Model:
    """The answer as `model`. Raises `BadPayload`."""
    return _validated(reply, reply.json(), model)


def many(reply: Reply, model: type[Model]) -> list[Model]:
    """A bare list; an empty one may come as `null`."""
    return page(reply, model)[0]


def page(reply: Reply, model: type[Model]) -> tuple[list[Model], int | None]:
    """A page of a list, and where the next one begins (section 3.2). Some lists are bare arrays."""
    said = reply.json()
    following = None
    if isinstance(said, dict):
        info = said.get("info")
        following = info.get("next") if isinstance(info, dict) else None
        said = said.get("items")
    if said is not None and not isinstance(said, list):
        raise BadPayload(f"{reply.request}: no list", body=reply.body, status=reply.status)
    return [_validated(reply, item, model) for item in said or ()], _position(following)


def _validated(reply: Reply, said: Any, model: type[Model]) -> Model:
    try:
        return model.model_validate(said)
    except ValidationError:
        raise BadPayload(
            f"{reply.request}: not what the manual promises", body=reply.body, status=reply.status
        ) from None


def _position(following: Any) -> int | None:
    return int(following) if isinstance(following, int | str) and str(following).isdecimal() else None


def bodies(entries: Sequence[Asked]) -> list[dict[str, Any]]:
    """A list of entries, as some operations want it."""
    return [entry.body() for entry in entries]
