"""A kept Telegram goes on where it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.demo_office import ANNA, TEAM, WORLD_FILE, DemoOffice, populate
from sandbox.page.kept import KeptWorld
from sandbox.telegram.model import Button, Media


def talked() -> KeptWorld:
    world = KeptWorld()
    populate(world)
    world.say(ANNA.user_id, TEAM, "<b>/status</b> +7 900 000-01-01")
    world.share_contact(ANNA.user_id)
    file = world.store(b"\xff\xfb", kind="music", name="talk.mp3", mime="audio/mpeg")
    world.new_message(
        world.chat(TEAM),
        world.bot,
        media=Media("audio", file, {"duration": 3}),
        buttons=((Button("Mine", "mine", raw={"text": "Mine", "callback_data": "mine"}),),),
    )
    return world


def test_what_was_said_is_read_back_whole() -> None:
    world, again = talked(), KeptWorld()
    again.load(world.dump())
    assert again.snapshot() == world.snapshot()
    assert again.chats == world.chats
    assert list(again.updates.waiting) == list(world.updates.waiting)


def test_ids_go_on_where_they_ended() -> None:
    world, again = talked(), KeptWorld()
    again.load(world.dump())
    assert again.say(ANNA.user_id, TEAM, "x").id == world.chats[TEAM].next_id
    assert again.updates.waiting[-1]["update_id"] == world.updates.next_id
    fresh = again.store(b"other", kind="music", name="b.mp3", mime="audio/mpeg")
    assert fresh.path not in {one.path for one in world.files.values()}


def test_people_and_group_are_made_once() -> None:
    world, again = talked(), KeptWorld()
    again.load(world.dump())
    populate(again)
    assert again.snapshot() == world.snapshot()


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'[{"users": {}}]'])
def test_another_file_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        KeptWorld().load(text)


async def test_an_office_keeps_its_chats_from_run_to_run(tmp_path: Path) -> None:
    for number in (1, 2):
        async with DemoOffice(webhook_base="http://127.0.0.1:9", kept=tmp_path) as office:
            office.world.say(ANNA.user_id, TEAM, f"run {number}")
    assert (tmp_path / WORLD_FILE).exists()
    async with DemoOffice(webhook_base="http://127.0.0.1:9", kept=tmp_path) as office:
        assert [one.text for one in office.world.messages(TEAM)] == ["run 1", "run 2"]
