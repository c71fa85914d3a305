"""Pictures and recordings: uploaded, shown, sent again by id, downloaded."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import aiohttp

from sandbox.telegram import Chat, TelegramStandIn, User

if TYPE_CHECKING:
    from tests.sandbox.telegram.conftest import Asker

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480) + b"\x08\x02\x00\x00\x00"


async def test_a_picture_is_kept_with_its_size_and_can_be_downloaded(
    ask: Asker, tg: TelegramStandIn, anna: User
) -> None:
    sent = await ask.upload("sendPhoto", {"chart": ("chart.png", PNG)}, chat_id=anna.id, photo="attach://chart")
    (size,) = sent["photo"]
    assert (size["width"], size["height"], size["file_size"]) == (640, 480, len(PNG))
    file = await ask("getFile", file_id=size["file_id"])
    async with ask.session.get(f"{tg.url}/file/bot{tg.token}/{file['file_path']}") as response:
        assert await response.read() == PNG
    async with ask.session.get(f"{tg.url}/file/bot{tg.token}/photos/other.png") as response:
        assert response.status == 404


async def test_a_recording_is_sent_again_by_its_id(ask: Asker, tg: TelegramStandIn, team: Chat, anna: User) -> None:
    first = await ask.upload(
        "sendAudio",
        {"audio": ("call.mp3", b"ID3 sound")},
        chat_id=team.id,
        caption="<b>Ivan</b>",
        parse_mode="HTML",
        duration=61,
        title="Call",
    )
    audio = first["audio"]
    assert (audio["duration"], audio["title"], audio["file_name"], audio["mime_type"]) == (
        61,
        "Call",
        "call.mp3",
        "audio/mpeg",
    )
    assert first["caption_entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    again = await ask("sendAudio", chat_id=anna.id, audio=audio["file_id"])
    assert again["audio"]["file_unique_id"] == audio["file_unique_id"]
    (message,) = tg.world.messages(anna.id)
    assert message.media is not None
    assert message.media.file.content == b"ID3 sound"


async def test_what_is_no_picture_or_no_file_is_refused(ask: Asker, anna: User) -> None:
    form = aiohttp.FormData({"chat_id": str(anna.id)})
    form.add_field("photo", b"<svg/>", filename="x.svg")
    async with ask.session.post(ask.url("sendPhoto"), data=form) as response:
        assert (await response.json())["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
    assert await ask.refused("sendPhoto", chat_id=anna.id) == "Bad Request: there is no photo in the request"
    assert "wrong remote file identifier" in await ask.refused("sendVoice", chat_id=anna.id, voice="nonsense")
    by_url = {"chat_id": anna.id, "document": "http://office.example/x.pdf"}
    assert await ask.refused("sendDocument", **by_url) == "Bad Request: failed to get HTTP URL content"
    assert await ask.refused("getFile", file_id="nonsense") == (
        "Bad Request: wrong file_id or the file is temporarily unavailable"
    )


async def test_an_album_is_several_messages_of_one_group(ask: Asker, tg: TelegramStandIn, team: Chat) -> None:
    sent = await ask.upload(
        "sendMediaGroup",
        {"a": ("a.png", PNG), "b": ("b.png", PNG)},
        chat_id=team.id,
        media=[{"type": "photo", "media": "attach://a", "caption": "Week"}, {"type": "photo", "media": "attach://b"}],
    )
    assert [one.get("caption") for one in sent] == ["Week", None]
    assert len({one["media_group_id"] for one in sent}) == 1
    assert len(tg.world.messages(team.id)) == 2


async def test_captions_have_their_own_limit_and_media_can_be_replaced(
    ask: Asker, tg: TelegramStandIn, team: Chat
) -> None:
    sent = await ask.upload("sendPhoto", {"photo": ("a.png", PNG)}, chat_id=team.id, caption="one")
    here = {"chat_id": team.id, "message_id": sent["message_id"]}
    assert await ask.refused("editMessageCaption", **here, caption="x" * 1025) == (
        "Bad Request: message caption is too long"
    )
    assert await ask.refused("editMessageText", **here, text="x") == (
        "Bad Request: there is no text in the message to edit"
    )
    await ask("editMessageCaption", **here, caption="two")
    await ask.upload(
        "editMessageMedia",
        {"new": ("b.png", PNG + b"new")},
        **here,
        media={"type": "photo", "media": "attach://new", "caption": "three"},
    )
    (message,) = tg.world.messages(team.id)
    assert (message.caption, message.edits) == ("three", 2)
    assert message.media is not None
    assert message.media.file.content == PNG + b"new"
