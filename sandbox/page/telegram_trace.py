"""The bot's requests to Telegram as lines of the trace."""

from __future__ import annotations

import re
from html import unescape

from sandbox.page.trace import Trace
from sandbox.telegram import Journal, Request, World

#: Asked all the time, or many times in many languages; only worth a line when Telegram does not answer.
QUIET = frozenset(
    {
        *("getUpdates", "sendChatAction", "getMe", "setMyCommands", "deleteMyCommands"),
        *("setMyDescription", "setMyShortDescription", "setChatMenuButton"),
    }
)
SAYS = {
    "sendMessage": "bot.sends",
    "sendPhoto": "bot.sends_photo",
    "sendAudio": "bot.sends_audio",
    "sendVoice": "bot.sends_audio",
    "sendDocument": "bot.sends_file",
    "sendMediaGroup": "bot.sends_photo",
    "editMessageText": "bot.edits",
    "editMessageCaption": "bot.edits",
    "editMessageMedia": "bot.edits",
    "editMessageReplyMarkup": "bot.edits_buttons",
    "deleteMessage": "bot.deletes",
    "deleteMessages": "bot.deletes",
    "answerCallbackQuery": "bot.answers_press",
    "deleteWebhook": "bot.introduces_itself",
    "getMe": "bot.introduces_itself",
    "setMyCommands": "bot.introduces_itself",
    "deleteMyCommands": "bot.introduces_itself",
    "setMyDescription": "bot.introduces_itself",
    "setMyShortDescription": "bot.introduces_itself",
    "setChatMenuButton": "bot.introduces_itself",
    "getUpdates": "bot.asks_for_news",
}
#: What Telegram says of an edit to what stands there already: nothing happened.
UNCHANGED = "message is not modified"
FIRST_LINE = 70
CHECK_EVERY = 3600.0


class TracedJournal(Journal):
    """A journal that also holds what no line tells of yet."""

    def __init__(self) -> None:
        super().__init__()
        self.untold: list[Request] = []

    def note(self, request: Request) -> None:
        """Called by the server when a request comes; it is told of once it is done."""
        super().note(request)
        self.untold.append(request)


async def watch_telegram(world: World, journal: TracedJournal, trace: Trace) -> None:
    """Runs until cancelled: a line for each finished request, and word of new menus when the bot sets them."""
    while True:
        try:
            await world.feed.until(lambda: any(one.done for one in journal.untold), CHECK_EVERY)
        except TimeoutError:
            continue
        fresh = [one for one in journal.untold if one.done]
        journal.untold = [one for one in journal.untold if not one.done]
        for request in fresh:
            note(world, trace, request)
        if any(one.method in ("setMyCommands", "deleteMyCommands") for one in fresh):
            world.feed.tell({"kind": "commands"})


def note(world: World, trace: Trace, request: Request) -> None:
    """One line, unless it is one of the quiet ones and all is well."""
    ok = request.status == 200
    if (ok and request.method in QUIET) or UNCHANGED in request.description:
        return
    say = SAYS.get(request.method, "bot.asks_telegram")
    status = "" if ok else "429" if request.status == 429 else str(request.status or "…")
    values = {"chat": _chat(world, request), "text": _text(request)}
    if say == "bot.asks_telegram":
        values["method"] = request.method
    detail = {**request.params, **({"error": request.description} if request.description else {})}
    trace.note("bot", "telegram", say, values, ok=ok, status=status, detail=detail)


def _chat(world: World, request: Request) -> str:
    try:
        chat = world.chats.get(int(request.params.get("chat_id", 0)))
    except (TypeError, ValueError):
        return ""
    return chat.title if chat else ""


def _text(request: Request) -> str:
    """The first line of what is said, without tags."""
    said = str(request.params.get("text") or request.params.get("caption") or "")
    line = unescape(re.sub(r"<[^>]*>", "", said)).strip().split("\n", 1)[0]
    return line if len(line) <= FIRST_LINE else line[: FIRST_LINE - 1] + "…"
