"""Settings of the whole domain (chapter 12)."""

from pbx.vats_rest.wire.base import Flag, Many, Maybe, Number, Said, Text


class Timezone(Said):
    """`offset` in minutes."""

    name: Text = ""
    offset: Number = None


class Limit(Said):
    """`total` -1: unlimited."""

    used: Number = None
    total: Number = None


class Limits(Said):
    """The table knows `users` and `local_gw`, the example has `groups` too."""

    users: Maybe[Limit] = None
    local_gw: Maybe[Limit] = None
    groups: Maybe[Limit] = None


class Services(Said):
    record: Flag = None
    local_gw: Flag = None
    branch: Flag = None


class Domain(Said):
    """12.1."""

    timezone: Maybe[Timezone] = None
    limits: Maybe[Limits] = None
    services: Maybe[Services] = None


class Melody(Said):
    file: Text = ""
    name: Text = ""
    uploaded: Flag = None


class Music(Said):
    """12.2: what a client hears while it rings (`ringback`) and on hold (`holdmusic`)."""

    ringback: Maybe[Melody] = None
    holdmusic: Maybe[Melody] = None


class MediaFile(Said):
    """12.4."""

    id: Text
    name: Text = ""


class NamedUser(Said):
    login: Text
    name: Text = ""


class NamedGroup(Said):
    id: Text
    name: Text = ""


class RecordSettings(Said):
    """12.5. Calls with `users_exception` are not recorded."""

    external: Flag = None
    inner: Flag = None
    users_exception: Many[NamedUser] = ()


class CustomRole(Said):
    """12.6."""

    id: Text
    name: Text = ""
    rights: Many[Text] = ()


class AnsweringMachine(Said):
    """12.8: who gets the messages."""

    all: Flag = None
    users: Many[NamedUser] = ()
    groups: Many[NamedGroup] = ()
    email: Text = ""
