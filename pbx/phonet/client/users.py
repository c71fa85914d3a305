"""Employees. Section "Пользователи"."""

from pbx.phonet import wire
from pbx.phonet.client.session import Session, objects, read


class Users(Session):
    """Users carry no phone number and no role."""

    async def users(self) -> list[wire.User]:
        """Every employee. Section "Получение списка пользователей"."""
        reply = await self._ask("GET", "/users")
        return [read(wire.User, row, reply) for row in objects(reply)]

    async def user_status(self) -> wire.UserStatus:
        """Whether the one user that the key belongs to is online. Section "Получение статуса пользователя"."""
        reply = await self._ask("GET", "/user/status")
        return read(wire.UserStatus, reply.json(), reply)
