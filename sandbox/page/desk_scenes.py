"""The scenes about what the desk does with calls: claims, escalation, quiet hours, recordings, summaries."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sandbox.demo_office import ANNA, IGOR, MANAGERS, MARIA, TEAM, connect_managers
from sandbox.demo_people import CLIENTS, Client
from sandbox.page.people import ANSWERS_WITHIN, NoAnswer, becomes, key, names, newest, news, offered, presses, writes
from sandbox.page.phones import Mood, Phones, RatedPhones
from sandbox.page.scene import Words, scene
from sandbox.page.stage import Stage
from sandbox.telegram import Message

LOW_RATING = 2
#: As long as a claim holds if nobody chose otherwise.
CLAIM = timedelta(minutes=15)
#: The steps of an escalation if nobody chose otherwise, each so long after the one before: where it is told, and
#: whether it surely is. Not every PBX says who heads a department.
STEP = timedelta(minutes=10)
STEPS = ((TEAM, True), (TEAM, False), (MANAGERS, True))
#: Seconds that a scene gives a step which may pass in silence.
MAYBE_WITHIN = 8.0
#: Seconds that a bot gets to ask for the final word once it is due.
FINAL_WORD = 4.0
NIGHT, LATE, MORNING = "22:00-09:00", "22:30", "09:00"


@scene(
    "claim",
    "🙋",
    title=Words("Igor takes it, nothing follows", "Игорь взял и не звонит", "Ігор узяв і не дзвонить"),
    watch=Words(
        "Maria presses too and is told. It is handed to her; 15 minutes without a call: it lapses.",
        "Марии скажут, кто первый. Игорь передаст ей; 15 минут без звонка, и карточка ничья.",
        "Марії скажуть, хто перший. Ігор передасть їй; 15 хвилин без дзвінка, і картка нічия.",
    ),
)
async def claim(stage: Stage, phones: Phones) -> None:
    async with stage.story:
        client = await stage.missed_call(phones)
        card = await _card(stage, client)
        mine = await offered(stage, card, "c:mine:")
        await presses(stage, IGOR, card, mine)
        await offered(stage, card, "c:free:")
        await stage.breathe()
        await presses(stage, MARIA, card, mine)
        await stage.breathe()
        await presses(stage, IGOR, card, await offered(stage, card, "c:hand:"))
        await presses(stage, IGOR, card, await offered(stage, card, "c:give:", MARIA.first_name))
        await offered(stage, card, "c:free:")
        stage.look(MARIA.user_id)
        await stage.breathe()
        stage.later(CLAIM)
        stage.look(TEAM)
        await offered(stage, card, "c:mine:")


@scene(
    "escalation",
    "⏰",
    title=Words("Half an hour, no call back", "Полчаса никто не звонит", "Пів години ніхто не дзвонить"),
    watch=Words(
        "After 10 minutes the responsible, then the head, then the managers. A call: all is green.",
        "Через 10 минут зовут ответственного, потом начальника, руководителей. Звонок: всё зелёное.",
        "За 10 хвилин кличуть відповідального, далі начальника, керівників. Дзвінок: усе зелене.",
    ),
)
async def escalation(stage: Stage, phones: Phones) -> None:
    await connect_managers(stage.world, phones.id)
    async with stage.story:
        client = await _somebodys(stage)
        await stage.missed_call(phones, client)
        await _card(stage, client)
        for chat_id, surely in STEPS:
            await stage.breathe()
            since = newest(stage, chat_id)
            stage.later(STEP)
            await _called_upon(stage, chat_id, since, client, surely=surely)
        await stage.breathe()
        phones.takes_our_calls(client.phone, Mood.ANSWERS)
        await stage.dials(phones, IGOR, client)


async def _called_upon(stage: Stage, chat_id: int, since: int, client: Client, *, surely: bool) -> None:
    def is_it(one: Message) -> bool:
        return one.text.startswith("⏰") and names(one.text, client)

    try:
        await news(stage, chat_id, since, is_it, "escalation", ANSWERS_WITHIN if surely else MAYBE_WITHIN)
        stage.look(chat_id)
    except NoAnswer:
        if surely:
            raise


async def _somebodys(stage: Stage) -> Client:
    """A client who belongs to an employee, and to whom we owe nothing: else they are called back first."""
    belonging = [one for one in reversed(CLIENTS) if one.responsible]
    free = next((one for one in belonging if stage.is_free(one)), None)
    client = free or belonging[0]
    for phones in stage.office.phones.values():
        if phones.owes(client.phone):
            phones.takes_our_calls(client.phone, Mood.ANSWERS)
            await stage.dials(phones, MARIA, client)
    return client


@scene(
    "live",
    "📳",
    title=Words("A call, live", "Звонок в прямом эфире", "Дзвінок наживо"),
    watch=Words(
        "Anna switches live cards on: one message rings, talks, ends with a recording.",
        "Анна включает живые карточки: одно сообщение от первого гудка до записи разговора.",
        "Анна вмикає живі картки: одне повідомлення від першого гудка до запису розмови.",
    ),
    plays_on=lambda phones: phones.tells_at_once,
)
async def live(stage: Stage, phones: Phones) -> None:
    async with stage.story:
        settings = await writes(stage, ANNA, TEAM, "/settings")
        await presses(stage, ANNA, settings, await offered(stage, settings, "s:calls:"))
        await presses(stage, ANNA, settings, await offered(stage, settings, "s:live:on"))
        try:
            await offered(stage, settings, "s:live:off")
            since = newest(stage, TEAM)
            client = await _talk(stage, phones)
            over = await news(stage, TEAM, since, lambda one: names(one.text, client), "live card")
            await offered(stage, over, "pl:play:")
            await stage.breathe()
        finally:
            await presses(stage, ANNA, settings, await offered(stage, settings, "s:live:off"))


@scene(
    "recording",
    "🎧",
    title=Words("Anna listens to a talk", "Анна слушает разговор", "Анна слухає розмову"),
    watch=Words(
        "The talk went badly. Anna presses ▶️: the recording comes as sound, fetched from the PBX.",
        "Разговор не удался. Анна нажимает ▶️, и приходит запись: бот взял её у АТС.",
        "Розмова не вдалася. Анна натискає ▶️, і приходить запис: бот узяв його в АТС.",
    ),
)
async def recording(stage: Stage, phones: Phones) -> None:
    chat_id = TEAM if isinstance(phones, RatedPhones) else ANNA.user_id
    since = newest(stage, chat_id)
    if isinstance(phones, RatedPhones):
        client = stage.somebody(phones)
        stage.narrate("stage.talks", who=MARIA.first_name, client=client.shown)
        call = await phones.answers(MARIA.ext, client.phone, ring=stage.pace.ring / 2, talk=stage.pace.talk)
        await stage.breathe()
        await phones.rate(call, LOW_RATING)
        told = await news(stage, chat_id, since, lambda one: names(one.text, client), "notice of the rating")
    else:
        before = _heard(stage, phones)
        client = await _talk(stage, phones)
        await becomes(stage, lambda: _heard(stage, phones) > before, "the bot did not hear of the call")
        await stage.breathe()
        told = await writes(stage, ANNA, chat_id, f"/history +{client.phone}")
        if not key(told, "pl:play:"):
            # Phonet has the final word on a call a little after its end.
            stage.later(timedelta(minutes=2))
            await asyncio.sleep(FINAL_WORD)
            told = await writes(stage, ANNA, chat_id, f"/history +{client.phone}")
    await presses(stage, ANNA, told, await offered(stage, told, "pl:play:"))
    await news(stage, chat_id, told.id, lambda one: one.media is not None, "recording")


@scene(
    "night",
    "🌙",
    title=Words("A quiet night", "Тихая ночь", "Тиха ніч"),
    watch=Words(
        "Two clients call at night, the chat keeps quiet. At nine one list waits, with buttons.",
        "Ночью звонят двое, чат молчит. В девять утра ждёт один список с кнопками.",
        "Уночі дзвонять двоє, чат мовчить. О дев’ятій ранку чекає один список із кнопками.",
    ),
)
async def night(stage: Stage, phones: Phones) -> None:
    async with stage.story:
        await writes(stage, ANNA, TEAM, f"/settings quiet {NIGHT}")
        try:
            await stage.breathe()
            if stage.until_clock(MORNING) > stage.until_clock(LATE):
                stage.later(stage.until_clock(LATE))
            since = newest(stage, TEAM)
            await stage.missed_call(phones)
            await stage.missed_call(phones)
            await _worked(stage, phones)
            await stage.breathe()
            stage.later(stage.until_clock(MORNING))
            # The summary of the evening may come first: only the list is what the night was held for.
            await news(stage, TEAM, since, lambda one: one.text.startswith("🌅"), "list")
        finally:
            await writes(stage, ANNA, TEAM, "/settings quiet off")


@scene(
    "summary",
    "📊",
    title=Words("Anna asks about the day", "Анна спрашивает про день", "Анна питає про день"),
    watch=Words(
        "In her own chat: a picture of the day, then “More”, then all calls as a table’s file.",
        "В её чате: картинка дня, потом подробности, потом все звонки файлом для таблицы.",
        "У її чаті: картинка дня, потім подробиці, потім усі дзвінки файлом для таблиці.",
    ),
)
async def summary(stage: Stage, phones: Phones) -> None:
    async with stage.story:
        await stage.missed_call(phones)
        await _worked(stage, phones)
        await stage.breathe()
        told = await writes(stage, ANNA, ANNA.user_id, "/summary")
        await stage.breathe()
        before = told.text
        await presses(stage, ANNA, told, await offered(stage, told, "y:m:"))
        await becomes(stage, lambda: told.text != before, "there was no more")
        await stage.breathe()
        await presses(stage, ANNA, told, await offered(stage, told, "y:c:"))
        await news(stage, ANNA.user_id, told.id, lambda one: one.media is not None, "file")


@scene(
    "who",
    "👀",
    title=Words("Who is on a call now?", "Кто сейчас говорит?", "Хто зараз розмовляє?"),
    watch=Words(
        "Igor talks to a client; Anna sends /who and /active in her own chat and sees it.",
        "Игорь говорит с клиентом; Анна шлёт /who и /active в своём чате и видит это.",
        "Ігор розмовляє з клієнтом; Анна шле /who і /active у своєму чаті й бачить це.",
    ),
)
async def who(stage: Stage, phones: Phones) -> None:
    async with asyncio.TaskGroup() as going_on:
        client = stage.somebody(phones)
        stage.narrate("stage.talks", who=IGOR.first_name, client=client.shown)
        ring, talk = stage.pace.ring / 2, stage.pace.talk * 2
        going_on.create_task(phones.answers(IGOR.ext, client.phone, ring=ring, talk=talk))
        await asyncio.sleep(ring)
        await stage.breathe()
        await writes(stage, ANNA, ANNA.user_id, f"/who {phones.id}")
        await stage.breathe()
        await writes(stage, ANNA, ANNA.user_id, f"/active {phones.id}")


async def _talk(stage: Stage, phones: Phones) -> Client:
    """A client calls, and Igor takes it; to the end of the call."""
    client = stage.somebody(phones)
    stage.narrate("stage.talks", who=IGOR.first_name, client=client.shown)
    await phones.answers(IGOR.ext, client.phone, ring=stage.pace.ring, talk=stage.pace.talk)
    return client


def _heard(stage: Stage, phones: Phones) -> int:
    """Of how many answered calls that PBX has told the bot; t2 is asked, and tells a little later."""
    return sum(one["say"] == "pbx.answered" and one["pbx"] == phones.id for one in stage.trace.views())


async def _worked(stage: Stage, phones: Phones) -> None:
    """The bot has done what it does about the calls that are over, though nothing may be seen of it."""
    await becomes(stage, lambda: phones.has_told, "the bot did not take the calls")
    async with asyncio.timeout(ANSWERS_WITHIN):
        await stage.bot.caught_up()


async def _card(stage: Stage, client: Client) -> Message:
    card = await stage.card_of(client, ANSWERS_WITHIN)
    if card is None or not key(card, "c:"):
        raise NoAnswer("there was no card")
    return card
