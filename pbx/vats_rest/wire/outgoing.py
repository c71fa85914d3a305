"""Outgoing numbers and where one may call (chapters 13 and 14)."""

from typing import Literal

from pbx.vats_rest.wire.base import Asked, Flag, Many, Said, Text

#: 13.5: all calls, those to mobiles, those to landlines.
Mode = Literal["all", "mobile", "fixed"]

#: 14.5. The example of 14.1 also shows ALL.
RestrictionArea = Literal["RU", "179", "CIS", "BALT", "EURO", "AUS", "ASIA", "AFR", "NA", "SA", "OTH", "LOCAL", "ALL"]


class UserCallerId(Said):
    login: Text
    name: Text = ""
    telnum: Text = ""


class GroupCallerId(Said):
    id: Text
    name: Text = ""
    telnum: Text = ""


class RegionCallerId(Said):
    id: Text
    name: Text = ""
    telnum: Text = ""
    mode: Text = ""


class CallerIds(Said):
    """13.1: the number of the company, and of those who have their own. The table calls `users` a string."""

    main: Text = ""
    users: Many[UserCallerId] = ()
    groups: Many[GroupCallerId] = ()
    regions: Many[RegionCallerId] = ()


class CallerIdTelnum(Said):
    """13.2."""

    telnum: Text
    enabled: Flag = None


class Region(Said):
    """13.5."""

    id: Text
    name: Text = ""


class UserRestriction(Said):
    login: Text
    name: Text = ""
    allowed: Many[Text] = ()


class GroupRestriction(Said):
    id: Text
    name: Text = ""
    allowed: Many[Text] = ()


class CallsRestrictions(Said):
    """14.1: where all, and some, may call."""

    main: Many[Text] = ()
    users: Many[UserRestriction] = ()
    groups: Many[GroupRestriction] = ()


class AllowUser(Asked):
    """14.3."""

    login: str
    allowed: tuple[RestrictionArea, ...]


class AllowGroup(Asked):
    """14.4: the table says `id`, as what is read does; the example says `login`."""

    id: str
    allowed: tuple[RestrictionArea, ...]
