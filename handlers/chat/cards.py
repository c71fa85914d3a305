"""A case as people read it: one screen, the news in the first line, which is all that a notification shows."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from desk.case_view import Attempt, CaseView
from desk.cases import State
from desk.views import RollView
from handlers.chat import called_upon, claim_words, heard, note_words
from handlers.chat.buttons import CasePress, button, rows
from handlers.chat.texts import Html, Texts, joined
from pbx import numbers
from pbx.vocabulary import Destination, Outcome

ICONS = {
    State.NOT_RETURNED: "🔴",
    State.NOT_REACHED: "🟠",
    State.RETURNED: "🟢",
    State.REACHED_US: "🟢",
    State.HANDLED: "✅",
    State.EXPIRED: "⚪",
}
#: The reasons for closing a case by hand, as they stand in a button's data.
REASONS = ("met", "wrote", "wrong", "other")
#: Attempts listed one by one; earlier ones are counted.
ATTEMPTS_SHOWN = 5
#: Characters of a name in lists.
LONGEST_NAME = 40
#: The buttons of a roll stand in rows of so many.
ROLL_COLUMNS = 8


def card(
    view: CaseView, say: Texts, now: datetime, *, uncertain: bool = False
) -> tuple[Html, InlineKeyboardMarkup | None]:
    """The text and the buttons of a card. `uncertain`: it may be in the chat twice, and says so."""
    text = joined(
        say(
            "{icon} <b>{headline}</b> · {client}",
            icon=ICONS[view.state],
            headline=_headline(view, say),
            client=_client(view, say),
        ),
        _number_line(view, say),
        _where_line(view, say),
        _when_line(view, say, now),
        say("👤 Responsible: {name}", name=view.responsible) if view.responsible else None,
        _source_line(view, say),
        *(note_words.line(one, say, now, note_words.ON_A_CARD) for one in view.notes),
        *_attempt_lines(view, say, now),
        *_ringing_lines(view, say),
        *called_upon.lines(view.called_upon, say, now),
        *claim_words.lines(view, say, now),
        _closing_line(view, say, now),
        _stars_line(view, say),
        say("♻️ Recovered: no event told us of it in time.") if view.case.recovered else None,
        twice(say) if uncertain else None,
    )
    return text, _buttons(view, say)


def title(view: CaseView, say: Texts) -> Html:
    """A client in a few words, for lists."""
    name = shortened(view.client_name)
    number = say.number(view.case.client)
    return say("{name}, {number}", name=name, number=number) if name else Html.escape(number)


def shortened(name: str | None) -> str | None:
    """So that a roll of many holds all of them."""
    return name[: LONGEST_NAME - 1] + "…" if name and len(name) > LONGEST_NAME else name


def roll(
    view: RollView, say: Texts, now: datetime, *, uncertain: bool = False
) -> tuple[Html, InlineKeyboardMarkup | None]:
    """Many cards in one message; a number under it opens a client's card."""
    still_open = sum(1 for one in view.cases if one.state.is_open) + view.more_open
    text = joined(
        _roll_headline(view, say),
        still_waiting(still_open, say),
        *(roll_line(n, one, say, now) for n, one in enumerate(view.cases, start=1)),
        and_more(view.more_open, say),
        twice(say) if uncertain else None,
    )
    return text, roll_keys(view.cases)


def still_waiting(still_open: int, say: Texts) -> Html:
    """How many of a list nobody has called back."""
    if not still_open:
        return say("All of them are settled.")
    return say.count(
        "{n} still waits for a call. Press a number to open the card.",
        "{n} still wait for a call. Press a number to open the card.",
        still_open,
    )


def roll_line(n: int, view: CaseView, say: Texts, now: datetime) -> Html:
    return say(
        "{n}. {icon} {client} · {when}{times}",
        n=n,
        icon=ICONS[view.state],
        client=title(view, say),
        when=say.when(view.case.last_missed_at, now),
        times=_times(view),
    )


def and_more(open_cases: int, say: Texts) -> Html | None:
    """Those that a list has no room for."""
    return say.count("… and {n} more: /missed", "… and {n} more: /missed", open_cases) if open_cases else None


def roll_keys(listed: Sequence[CaseView]) -> InlineKeyboardMarkup | None:
    """A number for each client who still waits; it opens the card."""
    keys = [
        button(str(n), CasePress(act="show", case_id=one.case.id))
        for n, one in enumerate(listed, start=1)
        if one.state.is_open
    ]
    return rows(*(keys[i : i + ROLL_COLUMNS] for i in range(0, len(keys), ROLL_COLUMNS)))


def twice(say: Texts) -> Html:
    """A send was cut off, and nobody knows whether it arrived."""
    return say("⚠️ After an interruption this may stand here twice; this one is kept up to date.")


def _roll_headline(view: RollView, say: Texts) -> Html:
    total = len(view.cases) + view.more
    if view.is_digest:
        return say.count(
            "♻️ <b>{n} client could not reach us, and the PBX told us only now</b>",
            "♻️ <b>{n} clients could not reach us, and the PBX told us only now</b>",
            total,
        )
    return say.count("📞 <b>{n} client could not reach us</b>", "📞 <b>{n} clients could not reach us</b>", total)


def _times(view: CaseView) -> str:
    return f" ×{view.case.missed_count}" if view.case.missed_count > 1 else ""


def _headline(view: CaseView, say: Texts) -> Html:
    if view.state is State.NOT_RETURNED and view.last.outcome is Outcome.HUNG_UP:
        return say("Hung up before an answer")
    return {
        State.NOT_RETURNED: say("Missed call"),
        State.NOT_REACHED: say("Not reached yet"),
        State.RETURNED: say("Called back"),
        State.REACHED_US: say("Got through to us"),
        State.HANDLED: say("Handled"),
        State.EXPIRED: say("Expired"),
    }[view.state]


def _client(view: CaseView, say: Texts) -> str:
    return view.client_name or say.number(view.case.client)


def _number_line(view: CaseView, say: Texts) -> str | None:
    return say.number(view.case.client) if view.client_name and view.case.client else None


def _where_line(view: CaseView, say: Texts) -> Html | None:
    number = view.case.our_number
    ours = numbers.display(number) if number else None
    if ours and view.last.our_number_name:
        ours = f"{ours} «{view.last.our_number_name}»"
    parts = [
        view.case.department,
        say("to {our_number}", our_number=ours) if ours else None,
        _destination(view.last.destination, say),
        say("PBX {pbx}", pbx=view.pbx_name) if view.pbx_name else None,
    ]
    told = [Html.escape(part) for part in parts if part]
    return Html("🏢 ") + Html(" · ").join(told) if told else None


def _destination(destination: Destination | None, say: Texts) -> Html | None:
    return (
        {
            Destination.VOICEMAIL: say("left a voicemail"),
            Destination.ANSWERING_MACHINE: say("heard the answering machine"),
            Destination.OUTSIDE_HOURS: say("outside hours"),
            Destination.GREETING: say("during the greeting"),
            Destination.MENU: say("in the voice menu"),
            Destination.ON_DUTY: say("to the person on duty"),
            Destination.FAX: say("to the fax"),
        }.get(destination)
        if destination
        else None
    )


def _when_line(view: CaseView, say: Texts, now: datetime) -> Html:
    parts = [say.when(view.case.last_missed_at, now)]
    if view.waited:
        parts.append(say("waited {span}", span=say.duration(view.waited)))
    if view.case.missed_count > 1:
        parts.append(say.count("called {n} time", "called {n} times", view.case.missed_count))
    return Html("🕒 ") + Html(" · ").join(parts)


def _source_line(view: CaseView, say: Texts) -> Html | None:
    return say("🔎 Came from: {source}", source=view.last.source) if view.last.source else None


def outcome_words(outcome: Outcome, status: str, say: Texts) -> Html:
    """How an attempt of ours ended."""
    known = {
        Outcome.MISSED: say("no answer"),
        Outcome.HUNG_UP: say("cancelled"),
        Outcome.BUSY: say("busy"),
        Outcome.UNAVAILABLE: say("not available"),
        Outcome.NOT_ALLOWED: say("calls there are not allowed"),
        Outcome.NO_SUCH_NUMBER: say("no such number"),
        Outcome.ANSWERED: say("answered"),
    }
    return known.get(outcome) or say("outcome unknown ({status})", status=status)


def _attempt_lines(view: CaseView, say: Texts, now: datetime) -> list[Html]:
    earlier = len(view.attempts) - ATTEMPTS_SHOWN
    lines = [say.count("📵 {n} earlier attempt", "📵 {n} earlier attempts", earlier)] if earlier > 0 else []
    return lines + [_attempt_line(one, say, now) for one in view.attempts[-ATTEMPTS_SHOWN:]]


def _attempt_line(attempt: Attempt, say: Texts, now: datetime) -> Html:
    outcome = outcome_words(attempt.outcome, attempt.status, say)
    when = say.when(attempt.at, now)
    if attempt.who:
        return say("📵 {who}, {when}: {outcome}", who=attempt.who, when=when, outcome=outcome)
    return say("📵 {when}: {outcome}", when=when, outcome=outcome)


def _ringing_lines(view: CaseView, say: Texts) -> list[Html]:
    if not view.state.is_open:
        return []
    return [
        say("📲 {who} is calling ({time})", who=one.who, time=say.clock(one.at))
        if one.certain
        else say("📲 {who}, {time}: we don't know whether the call began", who=one.who, time=say.clock(one.at))
        for one in view.ringing
    ]


def _closing_line(view: CaseView, say: Texts, now: datetime) -> Html | None:
    case = view.case
    if view.state is State.HANDLED:
        reason = reason_words(case.handled_reason or "other", say)
        return say(
            "✅ {name}, {when}: {reason}",
            name=view.handled_by or "?",
            when=say.when(case.closed_at or now, now),
            reason=reason,
        )
    if view.state is State.EXPIRED:
        return say("Nobody touched it for seven days.")
    if view.state not in (State.RETURNED, State.REACHED_US):
        return None
    after = (case.closed_at - case.last_missed_at) if case.closed_at else None
    talk = view.closing.talked if view.closing else None
    parts = [
        view.closed_by,
        say("after {span}", span=say.duration(max(after, timedelta())))
        if after is not None and view.closing
        else None,
        say("talked {span}", span=say.duration(talk)) if talk else None,
    ]
    told = [Html.escape(part) for part in parts if part]
    return Html("📗 ") + Html(" · ").join(told) if told else None


def _stars_line(view: CaseView, say: Texts) -> Html | None:
    return Html("⭐ ") + heard.stars(view.stars, say) if view.stars is not None else None


def reason_words(reason: str, say: Texts) -> Html:
    """Why a case was closed by hand."""
    return {
        "met": say("met in person"),
        "wrote": say("wrote back"),
        "wrong": say("wrong number"),
    }.get(reason, say("settled otherwise"))


def _buttons(view: CaseView, say: Texts) -> InlineKeyboardMarkup | None:
    """What can still be done; fewer as the case goes on."""
    case_id = view.case.id

    def press(text: str, act: str) -> InlineKeyboardButton:
        return button(text, CasePress(act=act, case_id=case_id))

    history = [press(say("🗂 History"), "hist")] if view.case.client else []
    recording = heard.keys(view.playable, say)
    if view.state is State.EXPIRED:
        return None
    if view.state is State.HANDLED:
        return rows([press(say("↩️ Open again"), "open"), *history])
    if not view.state.is_open:
        return rows([*recording, *history])
    call = [press(say("📞 Call back"), "call")] if view.can_call else []
    done = press(say("✅ Handled"), "done")
    block = [press(say("🚫 Block"), "block")] if view.can_block else []
    if view.case.claimed_by is None:
        return rows([*call, press(say("🙋 Mine"), "mine")], [done, *history], block, recording)
    free, hand = press(say("🙅 Not mine any more"), "free"), press(say("👉 Hand over"), "hand")
    return rows([*call, free], [hand, done], [*history, *block], recording)
