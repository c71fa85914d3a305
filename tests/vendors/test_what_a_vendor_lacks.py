"""Every command on every vendor: what it can do is done, what it lacks gets one plain sentence, nothing breaks."""

import pytest
from sqlalchemy import select

from bot.registry import VENDORS
from handlers.chat import menu
from handlers.chat.buttons import CasePress
from sandbox.telegram import Answer
from storage.tables import updates
from tests.handlers.chat.on_the_phone import labels, presses_data
from tests.office import ANNA, IGOR, Office, Simulated, an_office

CLIENT = "+380500000001"
#: Somebody at each demo office.
LOGINS = {"vats_rest": "igor", "vats_form": "polina", "phonet": "002", "t2": "79000001102"}
#: How each command is used; a new command fails the test until it has a line here.
USES = {
    "missed": ["/missed"],
    "call": [f"/call {CLIENT}"],
    "history": ["/history", f"/history {CLIENT}", "/history last_week"],
    "summary": ["/summary", "/summary yesterday"],
    "dnd": ["/dnd", "/dnd on", "/dnd off", "/dnd 45m", "/dnd until 18:00"],
    "contact": [f"/contact {CLIENT}", f"/contact {CLIENT} Oksana"],
    "blacklist": [
        "/blacklist",
        f"/blacklist add {CLIENT}",
        f"/blacklist remove {CLIENT}",
        "/blacklist anonymous",
        "/blacklist anonymous on",
        "/blacklist anonymous off",
    ],
    "departments": ["/departments"],
    "numbers": ["/numbers"],
    "active": ["/active"],
    "who": [f"/who {CLIENT}"],
    "team": ["/team"],
    "settings": ["/settings"],
    "link": ["/link"],
    "status": ["/status"],
    "connect": ["/connect"],
    "start": ["/start"],
    "help": ["/help"],
    "unlink": ["/unlink"],
}
#: What uses that begin so need, and what is said where it is lacking.
NEEDS = [
    (
        "/dnd",
        "do_not_disturb",
        "PBX main has no do-not-disturb that we could switch. Use the settings of your phone.",
    ),
    ("/blacklist", "blacklist", "PBX main has no blacklist."),
    (
        "/blacklist anonymous",
        "block_anonymous",
        "PBX main can't refuse calls with a hidden number as a whole.",
    ),
    ("/departments", "departments", "PBX main can't list its departments."),
    ("/numbers", "our_numbers", "PBX main can't list its numbers."),
]


def lack(use: str, vendor: str) -> str | None:
    """What is said about a use that the vendor has no means for."""
    can = VENDORS[vendor].capabilities
    return next((said for begin, need, said in NEEDS if use.startswith(begin) and not getattr(can, need)), None)


async def nothing_broke(office: Office) -> bool:
    async with office.desk.db.read() as tx:
        return not (await tx.execute(select(updates.c.error).where(updates.c.error.isnot(None)))).all()


async def at(office: Office, vendor: str) -> Office:
    return await office.connected(logins={ANNA: LOGINS[vendor]})


@pytest.mark.parametrize("vendor", VENDORS)
async def test_every_command_is_answered(sqlite_url: str, vendor: str) -> None:
    async with an_office(sqlite_url, pbxes=[Simulated(vendor)]) as office:
        await at(office, vendor)
        for command in sorted((one.name for one in menu.COMMANDS), key=lambda name: name == "unlink"):
            for use in USES[command]:
                office.clock.advance(minutes=1)
                said = await office.says(ANNA, ANNA, use)
                assert len(said) == 1, f"{use}: {[one.text for one in said]}"
                assert await nothing_broke(office), use
                missing = lack(use, vendor)
                if missing:
                    assert said[0].text == missing, use
                    assert not said[0].buttons, use
                else:
                    assert said[0].text not in [refusal for _, _, refusal in NEEDS], use


@pytest.mark.parametrize("vendor", VENDORS)
async def test_the_menu_and_help_leave_out_what_it_lacks(sqlite_url: str, vendor: str) -> None:
    async with an_office(sqlite_url, pbxes=[Simulated(vendor)]) as office:
        await at(office, vendor)
        offered = {one.name for one in menu.offered(office.desk)}
        [told] = await office.says(ANNA, ANNA, "/help")
        for command in menu.COMMANDS:
            assert (command.name in offered) == (lack(f"/{command.name}", vendor) is None), command.name
            assert (f"/{command.name}" in told.text) == (command.name in offered), command.name


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_card_s_buttons_follow_what_it_can_do(sqlite_url: str, vendor: str) -> None:
    from desk import ledger
    from pbx.vocabulary import Call, Direction, Outcome

    async with an_office(sqlite_url, pbxes=[Simulated(vendor)]) as office:
        await at(office, vendor)
        now = office.clock.now()
        async with office.desk.db.write() as tx:
            call = Call("c1", Direction.IN, Outcome.MISSED, CLIENT, started_at=now, ended_at=now)
            await ledger.record_call(office.desk, tx, "main", call)
        await office.settle()
        [card] = office.cards()
        can = VENDORS[vendor].capabilities
        assert ("🚫 Block" in labels(card)) == can.blacklist
        assert ("📞 Call back" in labels(card)) == can.call_back
        answer = await presses_data(office, ANNA, card, CasePress(act="block", case_id=1).pack())
        lacking = Answer("PBX main has no blacklist.", show_alert=True)
        assert answer == (Answer("") if can.blacklist else lacking)
        assert await office.says(IGOR, office.team, "an aside", reply_to=card.id) == []
        [question] = await office.says(ANNA, office.team, "call him again", reply_to=card.id)
        await office.presses(ANNA, question, "Save as note")
        assert "\n📝 call him again, Anna " in card.text
        assert ("PBX main" in question.text) == can.client_cards
        assert await nothing_broke(office)
