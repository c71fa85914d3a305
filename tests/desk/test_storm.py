"""500 missed calls in five seconds, under Telegram's enforced limits."""

import asyncio
from datetime import datetime, timedelta

from tests.desk.phones import SALES, stamp, told
from tests.office import MARIA, WEBHOOK_TOKEN, Office
from tests.program.report import note

CLIENTS = 500


def written(n: int) -> str:
    return f"+7 910 000-{n // 100:02}-{n % 100:02}"


async def test_five_hundred_missed_calls_in_five_seconds(team: Office) -> None:
    """All are visible within two minutes, 20 messages a minute at most, and other chats are not held up."""
    other = team.world.add_group("Other", [MARIA]).id
    await team.bind(other, "ratings")
    began = team.clock.now()

    async def call(n: int) -> int:
        body = {"cmd": "history", "crm_token": WEBHOOK_TOKEN, "type": "in", "status": "Missed", **SALES}
        body |= {"phone": f"7910000{n:04}", "callid": f"storm-{n}", "start": stamp(began), "duration": "5"}
        async with team.http.post(f"{team.url}/pbx/main", data=body) as response:
            return response.status

    for second in range(5):
        numbers = range(second * 100, second * 100 + 100)
        assert set(await asyncio.gather(*(call(n) for n in numbers))) == {200}
        team.clock.advance(seconds=1)
    asked = team.clock.now()
    await told(team, "rating", rating="5", callid="elsewhere", phone="79200000000")
    assert await team.says(MARIA, MARIA, "/help")
    await team.settle()
    seconds = (team.clock.now() - began).total_seconds()
    assert seconds < 120
    text = "\n".join(team.texts(team.team))
    assert [n for n in range(CLIENTS) if written(n) not in text] == []
    assert team.tg.limits.busiest_minute(team.team) <= 20
    assert team.tg.limits.refused <= 3
    # Those who wait for an answer, and the other group, of which the storm is nothing.
    answered, elsewhere = (first_sent(team, chat) - asked for chat in (MARIA, other))
    assert max(answered, elsewhere) < timedelta(seconds=5)
    note(
        "500 missed calls in five seconds",
        str(team.desk.db.engine.url),
        all_visible_after_s=round(seconds),
        messages_in_the_busiest_minute=team.tg.limits.busiest_minute(team.team),
        refused_by_Telegram=team.tg.limits.refused,
        another_chat_waited_s=round(max(answered, elsewhere).total_seconds(), 1),
    )


def first_sent(office: Office, chat_id: int) -> datetime:
    sent = office.tg.journal.requests("sendMessage")
    return next(one.at for one in sent if str(one.params["chat_id"]) == str(chat_id))
