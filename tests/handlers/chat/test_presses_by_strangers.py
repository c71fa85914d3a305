"""Every kind of button, pressed by people who may not: a stranger, in places of their own, and somebody shut out.

What a button holds comes from the presser's own program. Nothing may change, here or at the PBX.
"""

from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from sqlalchemy import select

from handlers.chat import buttons
from handlers.chat.buttons import (
    ActivePress,
    ActLogPress,
    BlacklistPress,
    CasePress,
    ConnectAgainPress,
    ConnectPress,
    DepartmentPress,
    DndPress,
    EmployeesPress,
    HistoryPress,
    LinesPress,
    LinkPress,
    MissedPress,
    NotePress,
    NumberPress,
    NumbersPress,
    PbxPress,
    PlayPress,
    RecordingPress,
    RolePress,
    SettingsPress,
    StatusPress,
    SummaryPress,
    TakeNoteBackPress,
    WalkPress,
    WhoPress,
    mark,
)
from sandbox.telegram import Message
from storage import people
from storage.tables import metadata
from tests.handlers.chat.on_the_phone import missed_card
from tests.office import ANNA, CLIENT, IGOR, MARIA, STRANGER, Office

DEPARTMENT, NUMBER = mark("Продажи"), "+79990001122"
CASE_ACTS = ["call", "mine", "free", "hand", "give", "done", "why", "open", "hist", "block", "sure", "back", "show"]
RELINK = LinkPress(act="re", pbx="main", who=sha256(b"oleg").hexdigest()[:10], n=STRANGER)
#: Each kind of button with everything it can be asked for. Somebody's own choices, and asking to be let in, are free.
PRESSES: dict[type[CallbackData], list[CallbackData]] = {
    CasePress: [CasePress(act=act, case_id=1, arg=arg) for act in CASE_ACTS for arg in ("", "met", str(STRANGER))],
    NumberPress: [
        NumberPress(act=act, number=NUMBER, pbx=pbx)
        for act in ("call", "hist", "block", "sure", "undo")
        for pbx in ("", "main")
    ],
    PlayPress: [PlayPress(act=act, call_id=1) for act in ("play", "text")],
    NotePress: [NotePress(case_id=1)],
    TakeNoteBackPress: [TakeNoteBackPress(note_id=1)],
    HistoryPress: [HistoryPress(what=what, page=0, pbx="main") for what in ("today", f"+{CLIENT}")],
    MissedPress: [MissedPress(act=act, pbx="main") for act in ("page", "show")],
    SummaryPress: [SummaryPress(act=act, period="today", pbx="main") for act in ("t", "m", "c")],
    LinkPress: [*(LinkPress(act=act, n=1) for act in ("yes", "no")), LinkPress(act="team"), RELINK],
    RolePress: [
        RolePress(act=act, user_id=user_id, role="manager")
        for act in ("all", "who", "set")
        for user_id in (STRANGER, MARIA, IGOR)
    ],
    ConnectPress: [ConnectPress(pbx="main")],
    ConnectAgainPress: [ConnectAgainPress(pbx="main")],
    StatusPress: [StatusPress(act=act) for act in ("again", "retry")],
    WalkPress: [WalkPress(act=act) for act in ("again", "test")],
    ActLogPress: [ActLogPress(n=0)],
    SettingsPress: [
        SettingsPress(key=key, value=value)
        for key, value in (
            ("live", "on"),
            ("escalation", "off"),
            ("listen", "everybody"),
            ("mycards", "on"),
            ("kinds.1", "missed.off"),
            ("kinds.1", "bosses"),
            ("dep.1", "all"),
        )
    ],
    PbxPress: [PbxPress(pbx="main", key=key) for key in ("call", "dnd", "blacklist", "departments", "numbers")],
    DndPress: [
        DndPress(act=act, owner=owner, pbx="main")
        for act in ("on", "off", "45m")
        for owner in (STRANGER, MARIA, IGOR)
    ],
    BlacklistPress: [BlacklistPress(pbx="main", page=0)],
    DepartmentPress: [
        DepartmentPress(act=act, pbx="main", dept=DEPARTMENT, who=mark("igor"))
        for act in ("all", "dep", "on", "off", "fin", "add", "put", "out", "ask", "cut")
    ],
    NumbersPress: [NumbersPress(act=act, pbx="main", what=mark(NUMBER)) for act in ("all", "ask", "on", "off")],
    LinesPress: [LinesPress(act=act, pbx="main", what=mark(NUMBER)) for act in ("sims", "ask", "off", "lines")],
    RecordingPress: [
        RecordingPress(act=act, pbx="main", who=mark("igor")) for act in ("all", "who", "ask", "yes", "asn", "no")
    ],
    EmployeesPress: [EmployeesPress(pbx="main")],
    ActivePress: [ActivePress(act=act, pbx="main", what="c1") for act in ("page", "ask", "end")],
    WhoPress: [
        WhoPress(act=act, pbx="main", who=mark("igor")) for act in ("page", "pick", "one", "on", "off", "45m")
    ],
}


def test_no_kind_of_button_is_left_out() -> None:
    kinds = {one for one in vars(buttons).values() if isinstance(one, type) and issubclass(one, CallbackData)}
    assert set(PRESSES) == kinds - {CallbackData}


def test_no_two_kinds_of_buttons_begin_alike() -> None:
    prefixes = sorted(one.__prefix__ for one in PRESSES)
    assert [one for one, other in pairwise(prefixes) if one == other] == []


async def everything(office: Office) -> dict[str, list[tuple[Any, ...]]]:
    """All that lasts, but for the updates themselves and the time at which people were last met."""
    async with office.desk.db.read() as tx:
        return {
            name: sorted((tuple(row) for row in await tx.execute(select(table))), key=repr)
            for name, table in metadata.tables.items()
            if name != "updates"
        }


async def a_message(office: Office, user_id: int, chat_id: int) -> Message:
    """Something of the bot's that buttons can be pretended to be under."""
    await office.says(user_id, chat_id, "/help")
    return office.bot_messages(chat_id)[-1]


@pytest.mark.parametrize("where", ["in private", "in a group of their own", "shut out, in the team's chat"])
async def test_nothing_changes(staffed: Office, where: str) -> None:
    office = staffed
    presser, chat_id = STRANGER, STRANGER
    card = await missed_card(office)
    if where == "in a group of their own":
        chat_id = office.world.add_group("Elsewhere", [STRANGER]).id
    elif where != "in private":
        presser, chat_id = MARIA, office.team
        async with office.desk.db.write() as tx:
            await people.change(tx, MARIA, role="guest")
    await office.presses(IGOR, card, "Mine")
    [question] = await office.says(IGOR, office.team, "wants roses", reply_to=card.id)
    await office.presses(IGOR, question, "Save as note")
    await office.says(STRANGER, STRANGER, "/link vera")
    message = await a_message(office, presser, chat_id)
    before, asked = await everything(office), len(office.pbx.server.requests)
    shown = {chat: office.texts(chat) for chat in (office.team, ANNA, IGOR)}
    for kind, presses in PRESSES.items():
        for press in presses:
            office.world.press(presser, chat_id, message.id, press.pack())
        await office.settle()
        assert office.pbx.server.requests[asked:] == [], kind
        assert await everything(office) == before, kind
    for chat, texts in shown.items():
        if chat != chat_id:
            assert office.texts(chat) == texts
    await office.presses(IGOR, card, "Not mine")
    assert await everything(office) != before
