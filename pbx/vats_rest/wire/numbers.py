"""The office's numbers, SIM cards and the blacklist (chapters 9 to 11). Times of day are seconds since midnight."""

from typing import Any, Literal

from pbx.vats_rest.wire.base import Asked, Flag, Many, Maybe, Number, Said, Text

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class MenuButton(Said):
    """`button` is a digit or "timeout"."""

    button: Text = ""
    type: Text = ""
    user: Text = ""
    group: Text = ""
    ivr: Any = None
    """A menu below: the table says string."""


class Menu(Said):
    name: Text = ""
    items: Many[MenuButton] = ()
    greeting: Flag = None
    greeting_custom: Flag = None


class Route(Said):
    """Where a number's calls go in and out of working hours, 9.6. `subtype` is the kind for somebody on duty."""

    type: Text = ""
    subtype: Text = ""
    user: Text = ""
    user_name: Text = ""
    group: Text = ""
    group_name: Text = ""
    telnum: Text = ""
    ivr: Maybe[Menu] = None
    greeting: Flag = None
    greeting_custom: Flag = None


class IntervalSchedule(Said):
    """9.9."""

    id: Text = ""
    days: Many[Text] = ()
    start: Number = None
    end: Number = None


class CalendarSchedule(Said):
    """9.9. Dates in ISO 8601."""

    id: Text = ""
    start: Text = ""
    end: Text = ""
    calendar_predefined: Flag = None


class CustomRoute(Said):
    id: Text = ""
    name: Text = ""
    interval_schedule: Many[IntervalSchedule] = ()
    calendar_schedule: Many[CalendarSchedule] = ()


class Day(Said):
    start: Number = None
    end: Number = None
    holiday: Flag = None


class Schedule(Said):
    monday: Maybe[Day] = None
    tuesday: Maybe[Day] = None
    wednesday: Maybe[Day] = None
    thursday: Maybe[Day] = None
    friday: Maybe[Day] = None
    saturday: Maybe[Day] = None
    sunday: Maybe[Day] = None


class Telnum(Said):
    """One of the office's numbers, 9.1 and 9.2. `crm` is text by the table, `false` in the example."""

    telnum: Text
    name: Text = ""
    type: Text = ""
    greeting: Flag = None
    is_main_phone: Flag = None
    location: Text = ""
    disabled: Flag = None
    crm: Text = ""
    calltracking: Text = ""
    abc_telnum: Text = ""
    abc_location: Text = ""
    greeting_custom: Flag = None
    greeting_file: Text = ""
    user: Text = ""
    user_name: Text = ""
    group: Text = ""
    group_name: Text = ""
    ivr: Maybe[Menu] = None
    work: Maybe[Route] = None
    other: Maybe[Route] = None
    custom_routes: Many[CustomRoute] = ()
    schedule: Maybe[Schedule] = None
    route_group_id: Text = ""
    route_group_name: Text = ""


class SetMenuButton(Asked):
    button: str
    type: str
    user: str | None = None
    group: str | None = None
    ivr: str | None = None


class SetMenu(Asked):
    name: str
    items: tuple[SetMenuButton, ...]
    greeting: bool | None = None


class SetPartRoute(Asked):
    """A route of working hours, or of the others."""

    type: str | None = None
    subtype: str | None = None
    user: str | None = None
    group: str | None = None
    telnum: str | None = None
    ivr: SetMenu | None = None
    greeting: bool | None = None


class SetDay(Asked):
    """Rounded to minutes by the PBX."""

    start: int
    end: int


class SetIntervalSchedule(Asked):
    """9.7: `route_id` for a route there is, `route_name` for a new one."""

    days: tuple[Weekday, ...]
    start: int
    end: int
    route_id: str | None = None
    route_name: str | None = None


class SetCalendarSchedule(Asked):
    """9.8: `start` and `end` in ISO 8601, not needed with the official calendar."""

    start: str | None = None
    end: str | None = None
    route_id: str | None = None
    route_name: str | None = None
    calendar_predefined: bool | None = None


class SetCustomRoute(Asked):
    id: str | None = None
    name: str | None = None
    interval_schedule: tuple[SetIntervalSchedule, ...] | None = None
    calendar_schedule: tuple[SetCalendarSchedule, ...] | None = None


class SetRoute(Asked):
    """9.3. A weekday left out of `schedule` is a day off."""

    type: Literal["user", "group", "ivr", "scheduler", "fax"]
    greeting: bool
    name: str | None = None
    user: str | None = None
    group: str | None = None
    ivr: SetMenu | None = None
    work: SetPartRoute | None = None
    other: SetPartRoute | None = None
    custom_routes: tuple[SetCustomRoute, ...] | None = None
    schedule: dict[Weekday, SetDay] | None = None
    greeting_file: str | None = None


class Sim(Said):
    """A SIM card, 10.1 and 10.2."""

    telnum: Text
    user: Text = ""
    user_name: Text = ""
    company: Flag = None
    autocaller: Flag = None
    disabled: Flag = None
    calltracking: Text = ""
    abc_telnum: Text = ""
    abc_location: Text = ""


class AvailableSim(Said):
    telnum: Text


class AvailableSims(Said):
    """10.3. `sms_confirmation`: adding one asks for a text message."""

    items: Many[AvailableSim] = ()
    sms_confirmation: Flag = None


class NewSim(Asked):
    """10.4. With neither `user` nor `company` it is added switched off; `user` beats `company`."""

    telnum: str
    user: str | None = None
    company: bool | None = None


class AddedSim(Said):
    """`status`: "complete", or "send sms" when a text message must confirm it. `user` is "" for one switched off."""

    status: Text = ""
    user: Text = ""


class BlacklistRow(Said):
    """11.1. A number or a range (``749512345*``). `week` and `year` count refused calls, if asked for."""

    telnum: Text
    comment: Text = ""
    week: Number = None
    year: Number = None


class BlacklistEntry(Asked):
    telnum: str
    comment: str | None = None
