"""Lines of other operators, other PBXs and subscriptions (chapters 15 to 18)."""

from typing import Literal

from pbx.vats_rest.wire.base import Asked, Flag, Number, Said, Text


class SipRegistration(Said):
    """An operator's line, 15.1 and 15.2. `expires` in seconds."""

    telnum: Text
    name: Text = ""
    active: Flag = None
    domain: Text = ""
    auth_name: Text = ""
    expires: Number = None
    proxy: Text = ""
    status: Text = ""
    outgoing: Flag = None


class SipRegistrationChange(Asked):
    """15.4: only what is set is changed."""

    name: str | None = None
    domain: str | None = None
    login: str | None = None
    password: str | None = None
    active: bool | None = None
    auth_name: str | None = None
    expires: int | None = None
    proxy: str | None = None
    outgoing: bool | None = None


class NewSipRegistration(SipRegistrationChange):
    """15.3."""

    telnum: str
    name: str
    domain: str
    login: str
    password: str


class SipUriTransfer(Said):
    """A number whose calls go to a SIP address, 16.1 and 16.2."""

    telnum: Text
    uri: Text = ""
    active: Flag = None


class NewSipUriTransfer(Asked):
    """16.3."""

    telnum: str
    active: bool | None = None


class Branch(Said):
    """Another PBX joined to this one, 17.1 and 17.2."""

    name: Text = ""
    domain: Text
    status: Text = ""
    users_count: Number = None
    groups_count: Number = None
    exts_count: Number = None
    collisions_count: Number = None


class NewBranch(Asked):
    """17.3."""

    domain: str
    name: str
    key: str


class Subscription(Said):
    """Something the PBX tells us about of its own accord, 18.1."""

    id: Text
    type: Text = ""
    url: Text = ""


class NewSubscription(Asked):
    """18.2. There is one type: an operator line lost its registration."""

    type: Literal["sipregs_error"]
    url: str
