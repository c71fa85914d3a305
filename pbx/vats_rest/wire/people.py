"""Employees and departments (chapters 6 to 8)."""

from typing import Literal

from pbx.vats_rest.wire.base import Asked, Flag, Many, Maybe, Number, Said, Text


class MobileRedirect(Said):
    """Chapter 7. `delay` in seconds, 0 to 15; `forward`: to the mobile alone, else to all devices at once."""

    enabled: Flag = None
    delay: Number = None
    forward: Flag = None


class User(Said):
    """An employee, 6.1 and 6.2. `status` (online, offline) comes only when asked for."""

    login: Text
    name: Text = ""
    position: Text = ""
    email: Text = ""
    ext: Text = ""
    telnum: Text = ""
    role: Text = ""
    mobile: Text = ""
    mobile_redirect: Maybe[MobileRedirect] = None
    status: Text = ""


class SetMobileRedirect(Asked):
    """`mobile` must be set beside it."""

    enabled: bool
    delay: int | None = None
    forward: bool | None = None


class UserChange(Asked):
    """6.4: only what is set is changed. `role`: admin, group_head, user, restricted_user or a custom role's id."""

    name: str | None = None
    password: str | None = None
    position: str | None = None
    email: str | None = None
    ext: str | None = None
    role: str | None = None
    mobile: str | None = None
    mobile_redirect: SetMobileRedirect | None = None


class NewUser(UserChange):
    """6.3. Without them, `login` becomes u and the extension, the password is made up, `role` is user."""

    name: str
    login: str | None = None


class UserGroup(Said):
    """A department somebody is in, 6.6."""

    id: Text
    name: Text = ""
    ext: Text = ""


class State(Said):
    """A switch: reception in a department (6.7), do-not-disturb (6.9), anonymous calls (11.4)."""

    state: bool


class GroupMember(Said):
    """8.7. `is_absence_active`: takes no calls for now; `is_forwarding_disabled`: has no device chosen."""

    login: Text
    name: Text = ""
    calls_enable: Flag = None
    group_head: Flag = None
    other_pbx_type: Text = ""
    branch_domain: Text = ""
    is_absence_active: Flag = None
    is_forwarding_disabled: Flag = None


class Timeout(Said):
    """Where a call goes when nobody answers within `time` seconds, 8.7."""

    time: Number = None
    target: Text = ""
    user: Text = ""
    group: Text = ""
    telnum: Text = ""


class Group(Said):
    """A department, 8.1 and 8.2. `call_duration` in seconds, 0 with the order ALL."""

    id: Text
    name: Text = ""
    ext: Text = ""
    call_order: Text = ""
    call_duration: Number = None
    users: Many[GroupMember] = ()
    timeout: Maybe[Timeout] = None
    advanced: Text = ""
    queue_position: Flag = None


class SetTimeout(Asked):
    """`target` names which of `user`, `group`, `telnum` must be set. `time`: 1 to 600 seconds, 120 unsaid."""

    time: int | None = None
    target: Literal["voicemail", "user", "group", "telnum", "msg_busy"] | None = None
    user: str | None = None
    group: str | None = None
    telnum: str | None = None


class SetMember(Asked):
    login: str
    calls_enable: bool


class GroupChange(Asked):
    """8.4: only what is set is changed. `call_duration`: 1 to 30 seconds."""

    name: str | None = None
    ext: str | None = None
    call_order: Literal["ALL", "EVENLY", "BYORDER", "WATERFALL"] | None = None
    call_duration: int | None = None
    timeout: SetTimeout | None = None
    advanced: Literal["off", "msg_busy", "callback"] | None = None
    users: tuple[SetMember, ...] | None = None


class NewGroup(GroupChange):
    """8.3."""

    name: str


class GroupUsersChange(Asked):
    """8.6: `add` first (they receive calls), then `calls_disable`, then `remove`. `position` -1 is the end."""

    add: tuple[str, ...] | None = None
    calls_disable: tuple[str, ...] | None = None
    remove: tuple[str, ...] | None = None
    position: int | None = None
