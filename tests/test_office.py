"""The office of the tests itself: a missed call becomes a card, and a colleague who got through closes it."""

from tests.office import CLIENT, Office


async def test_a_missed_call_becomes_a_card_and_closes_when_returned(office: Office) -> None:
    from storage import chats

    async with office.desk.db.write() as tx:
        await chats.meet(office.desk.db, tx, office.team, "supergroup", "Продажи")
        await chats.bind(office.desk.db, tx, office.team, 0, "main", ["missed"], office.clock.now())
    missed = {
        "cmd": "history",
        "type": "in",
        "status": "Missed",
        "phone": CLIENT,
        "callid": "c1",
        "user": "",
        "duration": "20",
    }
    assert await office.pbx_says(missed) == 200
    [card] = office.bot_messages(office.team)
    assert card.text.startswith("🔴")
    office.clock.advance(minutes=4)
    start = office.clock.now().strftime("%Y%m%dT%H%M%SZ")
    out = {
        "cmd": "history",
        "type": "out",
        "status": "Success",
        "phone": CLIENT,
        "callid": "c2",
        "user": "anna",
        "start": start,
        "duration": "124",
    }
    office.clock.advance(seconds=124)
    assert await office.pbx_says(out) == 200
    [card] = office.bot_messages(office.team)
    assert card.text.startswith("🟢")
    print(card.text)
