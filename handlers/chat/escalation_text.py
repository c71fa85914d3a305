"""The message that calls upon people about clients whom nobody has called back.

Names in them are mentions: Telegram rings the phones of those who are named.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from aiogram.types import InlineKeyboardMarkup

from desk.called_upon import CalledUpon
from desk.case_view import CaseView
from desk.cases import State
from desk.chat_settings import Whom
from desk.views import Escalated, EscalationView
from handlers.chat import cards, claim_words
from handlers.chat.buttons import CasePress, button, rows
from handlers.chat.texts import Html, Texts, joined

Rendered = tuple[Html, InlineKeyboardMarkup | None]


def escalation(view: EscalationView, say: Texts, now: datetime, *, uncertain: bool = False) -> Rendered:
    """About one case as a small card, about several as a list."""
    text, keyboard = _one(view.items[0], say, now) if len(view.items) == 1 else _several(view, say, now)
    return joined(text, cards.twice(say) if uncertain else None), keyboard


def _one(item: Escalated, say: Texts, now: datetime) -> Rendered:
    case = item.case
    if not case.state.is_open:
        return _settled(case, say), None
    client, span = cards.title(case, say), say.duration(now - case.case.opened_at)
    called = mentions(item.called_upon)
    text = joined(
        say("⏰ {people}, <b>{client}</b> has waited {span} for a call", people=called, client=client, span=span)
        if called
        else say("⏰ <b>{client}</b> has waited {span} for a call", client=client, span=span),
        *_why(item.called_upon, say),
        Html("🏢 ") + Html.escape(case.case.department) if case.case.department else None,
        say("🕒 {when}", when=say.when(case.case.opened_at, now)),
        claim_words.held(case, say, now),
        say("PBX {pbx}", pbx=case.pbx_name) if case.pbx_name else None,
    )
    return text, _buttons(case, say)


def _why(called: Iterable[CalledUpon], say: Texts) -> list[Html]:
    words = {
        Whom.RESPONSIBLE: say("It is your client, and nobody has called back yet."),
        Whom.HEAD: say("Your department missed the call, and nobody has called back yet."),
        Whom.MANAGERS: say("For managers: nobody has called back yet."),
    }
    return [words[whom] for whom in dict.fromkeys(one.whom for one in called)]


def _settled(case: CaseView, say: Texts) -> Html:
    """How it ended; nothing is left to do."""
    client = cards.title(case, say)
    who = case.handled_by if case.state is State.HANDLED else case.closed_by
    words = {
        State.RETURNED: say("{client} was called back", client=client),
        State.REACHED_US: say("{client} got through to us", client=client),
        State.HANDLED: say("{client}: handled", client=client),
    }.get(case.state, say("{client}: nobody called back", client=client))
    return Html("{} {}").format(cards.ICONS[case.state], say("{what} ({who})", what=words, who=who) if who else words)


def _several(view: EscalationView, say: Texts, now: datetime) -> Rendered:
    still_open = [item for item in view.items if item.case.state.is_open]
    called = mentions(chain(view.more_called, *(item.called_upon for item in still_open)))
    total = len(still_open) + view.more
    lines = [
        say(
            "{n}. {icon} {client} · {span}",
            n=n,
            icon=cards.ICONS[item.case.state],
            client=cards.title(item.case, say),
            span=say.duration(now - item.case.case.opened_at),
        )
        if item.case.state.is_open
        else Html("{}. {}").format(n, _settled(item.case, say))
        for n, item in enumerate(view.items, start=1)
    ]
    text = joined(
        say.count("⏰ <b>{n} client waits for a call</b>", "⏰ <b>{n} clients wait for a call</b>", total)
        if total
        else say("All of them are settled."),
        say("📣 {people}", people=called) if called else None,
        *lines,
        cards.and_more(view.more, say),
    )
    return text, cards.roll_keys([item.case for item in view.items])


def mentions(called: Iterable[CalledUpon]) -> Html:
    """Each person once, as a link that rings."""
    people = {person.user_id: person.name for one in called for person in one.who}
    links = [Html('<a href="tg://user?id={}">{}</a>').format(user_id, name) for user_id, name in people.items()]
    return Html(", ").join(links)


def _buttons(case: CaseView, say: Texts) -> InlineKeyboardMarkup | None:
    call = [button(say("📞 Call back"), CasePress(act="call", case_id=case.case.id))] if case.can_call else []
    mine = [button(say("🙋 Mine"), CasePress(act="mine", case_id=case.case.id))] if case.claimed_by is None else []
    return rows([*call, *mine], [button(say("🗒 Show the card"), CasePress(act="show", case_id=case.case.id))])
