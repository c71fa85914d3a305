"""Telegram's library comes in without its models; each is made when it is first used, of whatever it takes."""

from aiogram.methods import SendPaidMedia
from aiogram.types import MessageEntity, User


def test_a_model_is_made_by_its_first_use() -> None:
    assert not SendPaidMedia.__pydantic_complete__
    mention = MessageEntity(type="text_mention", offset=0, length=4, user=User(id=7, is_bot=False, first_name="Anna"))
    asked = SendPaidMedia(chat_id=1, star_count=1, media=[], caption="Anna", caption_entities=[mention])
    assert SendPaidMedia.__pydantic_complete__
    assert asked.model_dump(exclude_unset=True) == {
        "chat_id": 1,
        "star_count": 1,
        "media": [],
        "caption": "Anna",
        "caption_entities": [
            {
                "type": "text_mention",
                "offset": 0,
                "length": 4,
                "user": {"id": 7, "is_bot": False, "first_name": "Anna"},
            }
        ],
    }
