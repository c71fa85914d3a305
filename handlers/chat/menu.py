"""The commands there are, in words: for `/help`, and for the menus that Telegram shows (`menu_shown`)."""

from dataclasses import dataclass

from desk.access import Rank
from desk.office import Desk
from handlers.chat.texts import Html, Texts


@dataclass(frozen=True, slots=True)
class Menu:
    """A command: who may use it, where it makes sense, and whether anyone may in a connected chat.

    `capability`: what some PBX of the office must be able to do for it.
    """

    name: str
    rank: Rank
    in_groups: bool = True
    reads: bool = False
    rank_in_groups: Rank | None = None
    """If a group asks for more than a private chat."""
    capability: str = ""

    def needs(self, *, in_group: bool) -> Rank:
        return self.rank_in_groups if in_group and self.rank_in_groups is not None else self.rank


#: In the order in which they are shown.
COMMANDS = (
    Menu("missed", Rank.EMPLOYEE, reads=True),
    Menu("call", Rank.EMPLOYEE, capability="call_back"),
    Menu("active", Rank.EMPLOYEE, reads=True),
    Menu("who", Rank.EMPLOYEE, capability="employees"),
    Menu("history", Rank.EMPLOYEE, reads=True),
    Menu("summary", Rank.EMPLOYEE, reads=True),
    Menu("dnd", Rank.EMPLOYEE, capability="do_not_disturb"),
    Menu("contact", Rank.EMPLOYEE),
    Menu("blacklist", Rank.EMPLOYEE, capability="blacklist"),
    Menu("departments", Rank.EMPLOYEE, capability="departments"),
    Menu("numbers", Rank.EMPLOYEE, capability="our_numbers"),
    Menu("team", Rank.EMPLOYEE, reads=True),
    Menu("settings", Rank.GUEST, rank_in_groups=Rank.MANAGER),
    Menu("link", Rank.GUEST),
    Menu("unlink", Rank.EMPLOYEE, in_groups=False),
    Menu("status", Rank.EMPLOYEE, in_groups=False),
    Menu("connect", Rank.ADMIN),
    Menu("start", Rank.GUEST, in_groups=False),
    Menu("help", Rank.GUEST),
)


def offered(desk: Desk) -> list[Menu]:
    """The commands that make sense with the PBXs the office has."""
    can = [pbx.capabilities for pbx in desk.pbxes.values()]
    return [one for one in COMMANDS if not one.capability or any(getattr(each, one.capability) for each in can)]


def described(say: Texts) -> dict[str, Html]:
    """What each command does, in a line."""
    return {
        "missed": say("who still waits for a call back"),
        "call": say("call a client: /call NUMBER"),
        "active": say("which calls are going on now"),
        "who": say("who is on a call, online, not to be disturbed"),
        "history": say("calls of today, of a period or with a number"),
        "summary": say("how many calls, missed and returned"),
        "dnd": say("do not disturb me: /dnd 45m, /dnd off"),
        "contact": say("name a client: /contact NUMBER NAME"),
        "blacklist": say("blocked numbers: show, add, remove"),
        "departments": say("who gets the calls of which department"),
        "numbers": say("our numbers, SIM cards and lines"),
        "team": say("who is linked to whom"),
        "settings": say("language, time zone, what comes here"),
        "link": say("say who you are at the PBX"),
        "unlink": say("end your link to an employee"),
        "status": say("whether all is well"),
        "connect": say("connect this chat to a PBX"),
        "start": say("where to begin"),
        "help": say("what I can do"),
    }


def about(say: Texts) -> tuple[Html, Html]:
    """What the bot is, for its profile (512 characters) and in short (120)."""
    return (
        say(
            "I watch your company's phones. When a client could not get through, I show a card in your team's chat "
            "and keep it true until somebody has called back. From the card you call the client with one tap."
        ),
        say("Missed calls in your team's chat until every client has been called back."),
    )
