"""Chapters 9 and 10: the office's numbers and SIM cards."""

from collections.abc import AsyncIterator

from pbx.vats_rest.client.base import Chapter, segment
from pbx.vats_rest.wire import base as wire
from pbx.vats_rest.wire.numbers import (
    AddedSim,
    AvailableSims,
    NewSim,
    SetCalendarSchedule,
    SetIntervalSchedule,
    SetRoute,
    Sim,
    Telnum,
)

SEE, EDIT = "Номера → Просмотр", "Номера → Редактирование"


class Telnums(Chapter):
    """To see needs the right Номера → Просмотр, to change anything Номера → Редактирование."""

    def telnums(self, *, search: str | None = None, limit: int | None = None) -> AsyncIterator[Telnum]:
        """All numbers and where their calls go. Section 9.1."""
        return self._pages("/telnums", Telnum, query={"search": search, "limit": limit}, right=SEE)

    async def telnum(self, telnum: str) -> Telnum:
        """Section 9.2."""
        return wire.one(await self._ask("GET", f"/telnums/{segment(telnum)}", right=SEE), Telnum)

    async def edit_telnum(self, telnum: str, route: SetRoute) -> Telnum:
        """Set where a number's calls go. Section 9.3."""
        reply = await self._ask("POST", f"/telnums/{segment(telnum)}", body=route.body(), right=EDIT)
        return wire.one(reply, Telnum)

    async def disable_telnum(self, telnum: str) -> None:
        """Stop taking calls on a number. Section 9.4."""
        await self._ask("DELETE", f"/telnums/{segment(telnum)}/enabled", right=EDIT, repeatable=True)

    async def enable_telnum(self, telnum: str) -> None:
        """Section 9.5."""
        await self._ask("POST", f"/telnums/{segment(telnum)}/enabled", right=EDIT, repeatable=True)

    async def add_interval_schedule(self, telnum: str, interval: SetIntervalSchedule) -> None:
        """An interval of its own within some days. Section 9.7."""
        await self._ask("POST", f"/telnums/{segment(telnum)}/interval-schedule", body=interval.body(), right=EDIT)

    async def edit_interval_schedule(self, telnum: str, id: str, interval: SetIntervalSchedule) -> None:
        """Section 9.7."""
        path = f"/telnums/{segment(telnum)}/interval-schedule/{segment(id)}"
        await self._ask("PUT", path, body=interval.body(), right=EDIT)

    async def delete_interval_schedule(self, telnum: str, id: str) -> None:
        """Section 9.7."""
        await self._ask("DELETE", f"/telnums/{segment(telnum)}/interval-schedule/{segment(id)}", right=EDIT)

    async def add_calendar_schedule(self, telnum: str, days: SetCalendarSchedule) -> None:
        """Special days. Section 9.8."""
        await self._ask("POST", f"/telnums/{segment(telnum)}/calendar-schedule", body=days.body(), right=EDIT)

    async def edit_calendar_schedule(self, telnum: str, id: str, days: SetCalendarSchedule) -> None:
        """Section 9.8."""
        path = f"/telnums/{segment(telnum)}/calendar-schedule/{segment(id)}"
        await self._ask("PUT", path, body=days.body(), right=EDIT)

    async def delete_calendar_schedule(self, telnum: str, id: str) -> None:
        """Section 9.8."""
        await self._ask("DELETE", f"/telnums/{segment(telnum)}/calendar-schedule/{segment(id)}", right=EDIT)


class Sims(Chapter):
    """To see needs the right SIM-карты → Просмотр."""

    def sims(self, *, search: str | None = None, limit: int | None = None) -> AsyncIterator[Sim]:
        """All SIM cards. Section 10.1."""
        return self._pages("/sims", Sim, query={"search": search, "limit": limit}, right="SIM-карты → Просмотр")

    async def sim(self, telnum: str) -> Sim:
        """Section 10.2."""
        return wire.one(await self._ask("GET", f"/sims/{segment(telnum)}", right="SIM-карты → Просмотр"), Sim)

    async def sims_available(self) -> AvailableSims:
        """SIM cards that could be added. Section 10.3."""
        return wire.one(await self._ask("GET", "/sims-available", right="SIM-карты → Просмотр"), AvailableSims)

    async def add_sim(self, sim: NewSim) -> AddedSim:
        """Section 10.4. Needs the right SIM-карты → Создание."""
        return wire.one(await self._ask("POST", "/sims", body=sim.body(), right="SIM-карты → Создание"), AddedSim)

    async def assign_sim_to_user(self, telnum: str, login: str) -> None:
        """Section 10.5. Needs the right SIM-карты → Редактирование."""
        path = f"/sims/{segment(telnum)}/user/{segment(login)}"
        await self._ask("POST", path, right="SIM-карты → Редактирование")

    async def assign_sim_to_company(self, telnum: str) -> None:
        """Make it a number of the whole office. Section 10.6. Needs the right SIM-карты → Редактирование."""
        await self._ask("POST", f"/sims/{segment(telnum)}/company", right="SIM-карты → Редактирование")

    async def disable_sim(self, telnum: str) -> None:
        """Stop taking calls on it. Section 10.7. Needs the right SIM-карты → Редактирование."""
        await self._ask("POST", f"/sims/{segment(telnum)}/disable", right="SIM-карты → Редактирование")

    async def delete_sim(self, telnum: str) -> None:
        """Section 10.8. Needs the right SIM-карты → Удаление."""
        await self._ask("DELETE", f"/sims/{segment(telnum)}", right="SIM-карты → Удаление")
