"""The scenes about calls: who calls, who calls back, and what breaks meanwhile."""

from __future__ import annotations

from sandbox.demo_office import IGOR, MARIA, TEAM
from sandbox.page.phones import Mood, Phones, RatedPhones
from sandbox.page.scene import Words, scene
from sandbox.page.stage import Stage

FLOOD = 200
LOW_RATING = 2


@scene(
    "missed",
    "📵",
    title=Words(
        "A client calls, nobody answers", "Клиент звонит, никто не отвечает", "Клієнт дзвонить, ніхто не відповідає"
    ),
    watch=Words(
        "A card appears in the team chat: who called, where, how long they waited.",
        "В чате команды появится карточка: кто звонил, куда, сколько ждал.",
        "У чаті команди з’явиться картка: хто дзвонив, куди, скільки чекав.",
    ),
)
async def missed(stage: Stage, phones: Phones) -> None:
    async with stage.story:
        await stage.missed_call(phones)


@scene(
    "again",
    "🔁",
    title=Words(
        "The same client calls again",
        "Тот же клиент звонит снова",
        "Той самий клієнт дзвонить знову",
    ),
    watch=Words(
        "No second card: the one that is there counts the calls.",
        "Второй карточки нет: прежняя считает звонки.",
        "Другої картки немає: попередня рахує дзвінки.",
    ),
)
async def again(stage: Stage, phones: Phones) -> None:
    async with stage.story:
        client = await stage.owed_client(phones)
        await stage.missed_call(phones, client)


@scene(
    "busy",
    "📞",
    title=Words(
        "Igor calls back: busy",
        "Игорь перезванивает: занято",
        "Ігор передзвонює: зайнято",
    ),
    watch=Words(
        "He presses the card's button; the attempt is written on the same card.",
        "Он нажимает кнопку карточки; попытка записана на ней же.",
        "Він натискає кнопку картки; спробу записано на ній же.",
    ),
)
async def busy(stage: Stage, phones: Phones) -> None:
    async with stage.story:
        client = await stage.owed_client(phones)
        phones.takes_our_calls(client.phone, Mood.BUSY)
        await stage.calls_back(phones, IGOR, client)


@scene(
    "through",
    "🟢",
    title=Words(
        "Maria gets through",
        "Мария дозванивается до клиента",
        "Марія додзвонюється до клієнта",
    ),
    watch=Words(
        "From her desk phone, not from Telegram: the card turns green all the same.",
        "С рабочего телефона, не из Telegram: карточка всё равно станет зелёной.",
        "З робочого телефону, не з Telegram: картка все одно стане зеленою.",
    ),
)
async def through(stage: Stage, phones: Phones) -> None:
    async with stage.story:
        client = await stage.owed_client(phones)
        phones.takes_our_calls(client.phone, Mood.ANSWERS)
        await stage.dials(phones, MARIA, client)


@scene(
    "rating",
    "⭐",
    title=Words(
        "A rating of 2",
        "Оценка 2",
        "Оцінка 2",
    ),
    watch=Words(
        "Maria takes a call, the client presses 2: the chat hears of it at once.",
        "Мария говорит с клиентом, тот ставит 2: чат узнаёт об этом сразу.",
        "Марія розмовляє з клієнтом, той ставить 2: чат дізнається одразу.",
    ),
    plays_on=lambda phones: isinstance(phones, RatedPhones),
)
async def rating(stage: Stage, phones: Phones) -> None:
    if not isinstance(phones, RatedPhones):
        return
    client = stage.somebody(phones)
    stage.narrate("stage.talks", who=MARIA.first_name, client=client.shown)
    stage.look(TEAM)
    call = await phones.answers(MARIA.ext, client.phone, ring=stage.pace.ring / 2, talk=stage.pace.talk)
    await stage.breathe()
    await phones.rate(call, LOW_RATING)


@scene(
    "flood",
    "🌊",
    title=Words(
        "200 missed calls at once",
        "200 пропущенных сразу",
        "200 пропущених одразу",
    ),
    watch=Words(
        "A few messages list them all; Telegram never has to say “too many requests”.",
        "Их перечислят несколько сообщений; Telegram ни разу не скажет «слишком часто».",
        "Їх перелічать кілька повідомлень; Telegram жодного разу не скаже «надто часто».",
    ),
)
async def flood(stage: Stage, phones: Phones) -> None:
    stage.narrate("stage.flood", number=FLOOD)
    stage.look(TEAM)
    await phones.flood(FLOOD)


@scene(
    "outage",
    "⛈",
    title=Words(
        "Telegram is down a minute",
        "Telegram недоступен минуту",
        "Telegram недоступний хвилину",
    ),
    watch=Words(
        "Two clients call meanwhile, one is called back: afterwards each has one true card.",
        "Звонят двое, одному перезвонят: потом у каждого одна верная карточка.",
        "Дзвонять двоє, одному передзвонять: потім у кожного одна правдива картка.",
    ),
)
async def outage(stage: Stage, phones: Phones) -> None:
    async def meanwhile() -> None:
        await stage.breathe()
        async with stage.story:
            first = await stage.missed_call(phones)
            await stage.missed_call(phones)
            phones.takes_our_calls(first.phone, Mood.ANSWERS)
            await stage.dials(phones, IGOR, first)

    stage.narrate("stage.telegram_down", seconds=round(stage.pace.outage))
    await stage.telegram_down(stage.pace.outage, meanwhile())
    stage.narrate("stage.telegram_back")


@scene(
    "kill",
    "💀",
    title=Words(
        "The bot is killed and restarted", "Бота убивают и запускают снова", "Бота вбивають і запускають знову"
    ),
    watch=Words(
        "A real kill -9; a client calls while it is dead: the card comes late, and only once.",
        "Настоящий kill -9; клиент звонит, пока бот мёртв: карточка придёт позже и один раз.",
        "Справжній kill -9; клієнт дзвонить, поки бот мертвий: картка прийде пізніше й один раз.",
    ),
)
async def kill(stage: Stage, phones: Phones) -> None:
    async with stage.story:
        stage.narrate("stage.kills_bot")
        await stage.bot.kill()
        await stage.missed_call(phones)
        await stage.breathe()
        stage.narrate("stage.starts_bot")
        await stage.bot.start()
