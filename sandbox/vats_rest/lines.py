"""What the company has beside people: SIM cards, lines, other offices, rules for outgoing calls."""

from dataclasses import dataclass, field


@dataclass
class Sim:
    telnum: str
    user: str = ""
    company: bool = False
    autocaller: bool = False
    disabled: bool = False
    calltracking: str = ""
    abc_telnum: str = ""
    abc_location: str = ""


@dataclass
class SipRegistration:
    telnum: str
    name: str
    domain: str
    login: str = ""
    password: str = field(default="", repr=False)
    active: bool = True
    auth_name: str = ""
    expires: int = 600
    proxy: str = ""
    status: str = "success"
    outgoing: bool = True


@dataclass
class SipTransfer:
    telnum: str
    uri: str
    active: bool = True


@dataclass
class Branch:
    domain: str
    name: str
    key: str = field(default="", repr=False)
    status: str = "waiting"
    users_count: int = 0
    groups_count: int = 0
    exts_count: int = 0
    collisions_count: int = 0


@dataclass
class CallerIds:
    main: str = ""
    users: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    #: (region id, mode) -> number
    regions: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass
class Restrictions:
    main: list[str] = field(default_factory=lambda: ["RU", "179", "LOCAL"])
    users: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)


REGIONS = {"2": "Алтай", "43": "Москва и Московская обл.", "78": "Санкт-Петербург и область"}

#: Section 14.5; "ALL" is in the example of 14.1 and in no list.
DIRECTIONS = (
    "RU", "179", "CIS", "BALT", "EURO", "AUS", "ASIA", "AFR", "NA", "SA", "OTH", "LOCAL", "ALL",
)  # fmt: skip
