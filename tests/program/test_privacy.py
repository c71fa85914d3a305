"""A client is forgotten by a command beside the real bot, which takes the messages away."""

from pathlib import Path

from tests.program.process import a_program
from tests.program.test_commands import ringdesk
from tests.program.test_nothing_is_lost import missed_call
from tests.program.test_nothing_is_lost import written as as_people_write
from tests.program.town import PATIENCE, Town

CLIENT, OTHER = "79100000001", "79100000002"


async def test_a_client_is_forgotten_while_the_bot_runs(town: Town, database_url: str, tmp_path: Path) -> None:
    config = str(tmp_path / "ringdesk.toml")
    async with a_program(tmp_path, town.configuration(database_url)) as program:
        await town.connect()
        for number in (CLIENT, OTHER):
            assert await missed_call(program, number) == 200
        await town.tg.world.until(lambda: as_people_write(OTHER) in town.shown(), timeout=PATIENCE)
        status, said = await ringdesk("forget", CLIENT, "--yes", "--config", config)
        assert status == 0, said
        assert "Removed: calls 1, cases 1, raw events 1" in said
        assert "1 messages in chats: the running bot deletes them" in said
        await town.tg.world.until(lambda: as_people_write(CLIENT) not in town.shown(), timeout=PATIENCE)
        assert as_people_write(OTHER) in town.shown()
        assert await program.stop() == 0
    assert "Traceback" not in program.log
