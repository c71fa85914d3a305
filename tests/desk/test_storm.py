"""500 missed calls in five seconds, under Telegram's enforced limits."""

import asyncio
from datetime import timedelta

from tests.desk.phones import SALES, stamp
from tests.office import MARIA, WEBHOOK_TOKEN, Office

CLIENTS = 500


def written(n: int) -> str:
    return f"+7 910 000-{n // 100:02}-{n % 100:02}"


async def test_five_hundred_missed_calls_in_five_seconds(team: Office) -> None:
    """All are visible within two minutes, 20 messages a minute at most, and other chats are not held up."""
    other = team.world.add_group("Other", [MARIA]).id
    await team.bind(other, pbx_id="main", settings={"hide_shorter_than": 60})
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
    [answer] = await team.says(MARIA, MARIA, "/help")
    assert answer
    assert team.clock.now() - asked < timedelta(minutes=2)
    await team.settle()
    assert team.clock.now() - began < timedelta(minutes=2)
    text = "\n".join(team.texts(team.team))
    assert [n for n in range(CLIENTS) if written(n) not in text] == []
    assert team.tg.limits.busiest_minute(team.team) <= 20
    assert team.tg.limits.refused <= 3
