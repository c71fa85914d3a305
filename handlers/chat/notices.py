"""Notices other than cards: ratings, lost lines, summaries, what administrators must hear."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiogram.types import InlineKeyboardMarkup

from desk.chat_settings import LOW_RATING
from desk.lines import LineEnd
from desk.views import LineView, PlainView, RatingView
from handlers.chat import claim_words, heard, roles
from handlers.chat.buttons import LinkPress, button, rows
from handlers.chat.texts import Html, Texts, joined
from pbx import numbers


def rating(
    view: RatingView, say: Texts, now: datetime, low_rating: int = LOW_RATING, *, for_managers: bool = True
) -> Html:
    """Who rated whom, with stars; a low one, of `low_rating` stars at most, is marked, where managers read it."""
    one = view.rating
    number = say.number(one.client)
    client = say("{name}, {number}", name=view.client_name, number=number) if view.client_name else number
    is_low = one.stars <= low_rating
    icon = "⚠️" if is_low else "⭐"
    return joined(
        say("{icon} <b>{stars}</b> · {client}", icon=icon, stars=heard.stars(one.stars, say), client=client),
        say("👤 {name}", name=view.employee) if view.employee else None,
        say("For managers: a low rating.") if is_low and for_managers else None,
        say("🕒 {when}", when=say.when(one.at, now)),
        say("PBX {pbx}", pbx=view.pbx_name) if view.pbx_name else None,
    )


def line(view: LineView, say: Texts, now: datetime) -> Html:
    """An operator line lost its registration; once it is back: since when, and how long it was down."""
    number = numbers.display(view.number) if view.number else say("unknown number")
    named = say("{number} «{name}»", number=number, name=view.name) if view.name else number
    return joined(
        *_line_state(view, named, say),
        say("🕒 {when}", when=say.when(view.at, now)),
        say("PBX {pbx}", pbx=view.pbx_name) if view.pbx_name else None,
    )


def _line_state(view: LineView, line: Html | str, say: Texts) -> tuple[Html, Html]:
    if view.ended is None or view.ended_at is None:
        return (
            say("📡 <b>A line is down</b>: {line}", line=line),
            say("No calls come through it. Check its account and password in the PBX's cabinet."),
        )
    same_day = say.day(view.ended_at) == say.day(view.at)
    clock = say.clock(view.ended_at)
    about = {
        "time": clock if same_day else say("{day} {time}", day=say.day(view.ended_at), time=clock),
        "span": say.duration(view.ended_at - view.at),
    }
    match view.ended:
        case LineEnd.UP:
            return (
                say("🟢 <b>A line is up again</b>: {line}", line=line),
                say("Up again at {time}, was down {span}.", **about),
            )
        case LineEnd.OFF:
            return (
                say("⚪️ <b>A line was down and is switched off</b>: {line}", line=line),
                say("Switched off at the PBX, seen at {time}, after {span}.", **about),
            )
        case LineEnd.GONE:
            return (
                say("⚪️ <b>A line was down and is removed</b>: {line}", line=line),
                say("The PBX does not list it any more, seen at {time}, after {span}.", **about),
            )


def plain(view: PlainView, say: Texts, now: datetime) -> tuple[Html, InlineKeyboardMarkup | None]:
    """A notice whose words depend on its data alone."""
    return _PLAIN[view.kind](view, say, now)


def to_admins(view: PlainView, say: Texts, now: datetime) -> tuple[Html, InlineKeyboardMarkup | None]:
    """What an administrator must hear of, and what to do about it."""
    if view.data["what"] == "link_request":
        return link_request(view, say)
    about = {key: value for key, value in view.data.items() if key != "what"}
    words = {
        "chat_gone": lambda: say(
            "⚠️ I can't write to the chat {chat_id} any more: I was removed or blocked there. "
            "Add me again and send /connect there.",
            **about,
        ),
        "removed": lambda: say(
            "⚠️ I was removed from the chat “{title}”. Its notices stop until somebody adds me again.", **about
        ),
        "topic_gone": lambda: say(
            "⚠️ A topic of the chat {chat_id} is closed or deleted. Its notices now come to the chat itself. "
            "Send /connect in another topic to move them.",
            **about,
        ),
        "key_refused": lambda: say(
            "⚠️ The PBX {pbx} refuses our key. Check `key` of this PBX in the configuration.", **about
        ),
        "wrong_keys": lambda: joined(
            say("⚠️ Requests for PBX {pbx} come with a wrong key or none, the last from {address}.", **about),
            say(
                "If that is your PBX, the CRM's key in its cabinet must be the <code>webhook_token</code> "
                "of the configuration. If not, a stranger is guessing keys."
            ),
        ),
        "tokens_dead": lambda: joined(
            say("⚠️ The PBX {pbx} refuses our tokens: no call reaches us until they are renewed.", **about),
            _renewal(say, view.data["pbx"]),
            say("/status shows the PBX's own words."),
        ),
        "tokens_end": lambda: joined(
            say.count(
                "⚠️ The tokens of PBX {pbx} die in {n} day and could not be replaced so far. I go on trying.",
                "⚠️ The tokens of PBX {pbx} die in {n} days and could not be replaced so far. I go on trying.",
                view.data["days"],
                pbx=view.data["pbx"],
            ),
            _renewal(say, view.data["pbx"]),
        ),
        "employee_left": lambda: say(
            "⚠️ {employee} is no longer at PBX {pbx}, but {name} is still linked to them. "
            "To end that, send /unlink {pbx}:{login}",
            **about,
        ),
    }
    return words[view.data["what"]](), None


def _renewal(say: Texts, pbx_id: str) -> Html:
    """The steps in the cabinet of t2, the one vendor whose tokens end."""
    return say(
        "To renew them: in the PBX's cabinet, as its administrator, press the company's name at the top right, open "
        "«Токен API» and press «Сгенерировать токен». Put the two new tokens into `access_token` and "
        "`refresh_token` of PBX {pbx} in the configuration and start me again.",
        pbx=pbx_id,
    )


def link_request(view: PlainView, say: Texts) -> tuple[Html, InlineKeyboardMarkup | None]:
    """Somebody asks to be linked; once answered, what the answer was and whose."""
    data = view.data
    name = f"{data['name']} (@{data['username']})" if data["username"] else data["name"]
    about = {"name": name, "employee": data["employee"], "login": data["login"], "pbx": data["pbx"]}
    state = data.get("state")
    if state is None:
        held = data["instead_of"]
        text = joined(
            say("🔗 {name} asks to be linked to {employee} ({login}) at PBX {pbx}.", **about),
            say("Until now that is {name}; a yes ends it.", name=held) if held else None,
        )
        keys = [
            button(say("✅ Yes, link"), LinkPress(act="yes", n=data["request_id"])),
            button(say("❌ No"), LinkPress(act="no", n=data["request_id"])),
        ]
        return text, rows(keys)
    if state == "granted":
        return say(
            "✅ {name} is now {employee} ({login}) at PBX {pbx}. Allowed by {by}.", by=data["by"], **about
        ), None
    return say("❌ {name} was not linked to {employee} ({login}). Refused by {by}.", by=data["by"], **about), None


def told(view: PlainView, say: Texts, now: datetime) -> tuple[Html, InlineKeyboardMarkup | None]:
    """A word to one person or chat about something they wait for."""
    data = view.data
    if data["what"] in claim_words.TOLD:
        return claim_words.TOLD[data["what"]](view, say, now)
    words = {
        "link_granted": lambda: say(
            "✅ {name}, you are linked to {employee} now: {by} allowed it. Send /help to see what you can do.",
            name=data["name"],
            employee=data["employee"],
            by=data["by"],
        ),
        "link_refused": lambda: say(
            "❌ {name}, your request to be {employee} was refused by {by}. If that is wrong, talk to them.",
            name=data["name"],
            employee=data["employee"],
            by=data["by"],
        ),
        "added": lambda: joined(
            say("👋 I show missed calls here until somebody has called the client back."),
            say("Next step: an administrator sends /connect here, in the topic where the cards should come."),
        ),
        "first_event": lambda: say(
            "✅ The first news from PBX {pbx} has come: it reaches me. /start shows what is left.", pbx=data["pbx"]
        ),
        "dnd_over": lambda: say("🔔 {name}, calls reach you again.", name=data["name"]),
        "dnd_over_for": lambda: say("🔔 Calls reach {name} again.", name=data["name"]),
        "dnd_stuck_for": lambda: say(
            "⚠️ The time of {name} is over, but PBX {pbx} refuses to let the calls through. "
            "Send /dnd {login} off; if that fails too, tell an administrator.",
            name=data["name"],
            pbx=data["pbx"],
            login=data["login"],
        ),
        "dnd_by": lambda: _switched_by(data, say, now),
        "dnd_stuck": lambda: say(
            "⚠️ {name}, your time is over, but PBX {pbx} refuses to let your calls through. "
            "Send /dnd off; if that fails too, tell an administrator.",
            name=data["name"],
            pbx=data["pbx"],
        ),
        "role": lambda: roles.told(data, say),
        "back": lambda: say(
            "👋 I am back. Notices from {pbxes} come here again; clients who still wait follow.",
            pbxes=", ".join(data["pbxes"]),
        ),
    }
    return words[data["what"]](), None


def emptied(view: PlainView, say: Texts, now: datetime) -> tuple[Html, InlineKeyboardMarkup | None]:
    """Instead of a message about a client who is forgotten, where it can't be deleted any more."""
    return say("🧹 This message was about a client whose data we have removed."), None


def _switched_by(data: dict[str, Any], say: Texts, now: datetime) -> Html:
    """Somebody else has switched one's calls."""
    if data["receives"]:
        return say("🔔 {by} has let your calls through again.", by=data["by"])
    if data["until"] is None:
        return say("🔕 {by} has switched your calls off. To have them again: /dnd off", by=data["by"])
    about = {"by": data["by"], "when": say.when(datetime.fromtimestamp(data["until"], UTC), now)}
    return say("🔕 {by} has switched your calls off. They come back {when}; sooner: /dnd off", **about)


_PLAIN: dict[str, Callable[[PlainView, Texts, datetime], tuple[Html, InlineKeyboardMarkup | None]]] = {
    "admins": to_admins,
    "told": told,
    "forgotten": emptied,
}
