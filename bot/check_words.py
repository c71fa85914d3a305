"""Every word of `ringdesk check`, in three languages: it speaks the office's."""

from bot.words import Table, Words
from pbx.vocabulary import Tried

WORDS: Table = {
    # What is looked at
    "database": ("база данных", "база даних"),
    "clock": ("часы", "годинник"),
    "disk": ("диск", "диск"),
    "pbx {pbx}": ("АТС {pbx}", "АТС {pbx}"),
    "public address": ("публичный адрес", "публічна адреса"),
    "process": ("процесс", "процес"),
    "last event of {pbx}": ("последнее событие {pbx}", "остання подія {pbx}"),
    # The database and its surroundings
    "can be used, its schema is current": ("работает, схема свежая", "працює, схема свіжа"),
    "can be used; `ringdesk run` will bring its schema up to date": (
        "работает; схему обновит `ringdesk run`",
        "працює; схему оновить `ringdesk run`",
    ),
    "can't be used ({reason}). Check database.url, and that the server runs.": (
        "недоступна ({reason}). Проверьте database.url и запущен ли сервер.",
        "недоступна ({reason}). Перевірте database.url і чи запущено сервер.",
    ),
    "one process leads": ("один процесс ведёт", "один процес веде"),
    "no process leads: `ringdesk run` is not up": (
        "ни один процесс не ведёт: `ringdesk run` не запущен",
        "жоден процес не веде: `ringdesk run` не запущено",
    ),
    "the bot runs (process {pid})": ("бот запущен (процесс {pid})", "бота запущено (процес {pid})"),
    "the bot does not run: `ringdesk run` starts it": (
        "бот не запущен: его запускает `ringdesk run`",
        "бота не запущено: його запускає `ringdesk run`",
    ),
    "its folder can't be written ({reason}). Give the bot's user the right to.": (
        "в папку базы нельзя писать ({reason}). Дайте на неё права пользователю бота.",
        "у теку бази не можна писати ({reason}). Дайте на неї права користувачеві бота.",
    ),
    "PostgreSQL's own": ("у PostgreSQL свой", "у PostgreSQL свій"),
    "{free} GiB free in {folder}": ("свободно {free} ГиБ в {folder}", "вільно {free} ГіБ у {folder}"),
    "{said}. Make room: a full disk stops the bot from taking events.": (
        "{said}. Освободите место: с полным диском бот не примет событий.",
        "{said}. Звільніть місце: з повним диском бот не прийме подій.",
    ),
    # Telegram
    "the bot is @{name}; {updates}": ("это бот @{name}; {updates}", "це бот @{name}; {updates}"),
    "it may not join groups: allow it at @BotFather (/setjoingroups).": (
        "его нельзя добавить в группу: разрешите это у @BotFather (/setjoingroups).",
        "його не можна додати до групи: дозвольте це в @BotFather (/setjoingroups).",
    ),
    "the token is refused. Ask @BotFather for it again (/token) and set telegram.token.": (
        "токен не принят. Запросите его у @BotFather ещё раз (/token) и впишите в telegram.token.",
        "токен не прийнято. Запитайте його в @BotFather ще раз (/token) і впишіть у telegram.token.",
    ),
    "{url} can't be reached ({reason}). Check the network, telegram.proxy, telegram.api_url.": (
        "{url} недоступен ({reason}). Проверьте сеть, telegram.proxy и telegram.api_url.",
        "{url} недоступний ({reason}). Перевірте мережу, telegram.proxy і telegram.api_url.",
    ),
    "messages are fetched": ("бот сам забирает сообщения", "бот сам забирає повідомлення"),
    "messages are to be fetched, but a webhook is set, maybe another program's: `ringdesk run` takes it away": (
        "бот должен сам забирать сообщения, но задан вебхук, возможно, чужой: `ringdesk run` его снимет",
        "бот має сам забирати повідомлення, але задано вебхук, можливо, чужий: `ringdesk run` його зніме",
    ),
    "the webhook is not set to us yet: `ringdesk run` sets it": (
        "вебхук ещё не наш: его задаст `ringdesk run`",
        "вебхук ще не наш: його задасть `ringdesk run`",
    ),
    "Telegram sends messages to us; {n} wait": (
        "Telegram присылает сообщения нам; ждут: {n}",
        "Telegram надсилає повідомлення нам; чекають: {n}",
    ),
    "Telegram could not reach us at {at} UTC: {reason}. Check http.public_url, its certificate, proxy.": (
        "Telegram не смог обратиться к нам в {at} UTC: {reason}. Проверьте http.public_url, сертификат, прокси.",
        "Telegram не зміг звернутися до нас о {at} UTC: {reason}. Перевірте http.public_url, сертифікат, проксі.",
    ),
    # The clock
    "not compared: Telegram did not say what time it is": (
        "не сверены: Telegram не сказал, который час",
        "не звірено: Telegram не сказав, котра година",
    ),
    "is {n} s off. Switch time synchronisation on (timedatectl set-ntp true).": (
        "расходятся на {n} с. Включите синхронизацию времени (timedatectl set-ntp true).",
        "розходиться на {n} с. Увімкніть синхронізацію часу (timedatectl set-ntp true).",
    ),
    "right": ("идут верно", "іде правильно"),
    # A PBX
    "{n} employees": ("сотрудников {n}", "співробітників {n}"),
    "{n} of {asked} receive calls": ("звонки принимают {n} из {asked}", "дзвінки приймають {n} з {asked}"),
    "only {n} of {asked} receive calls: plausible? (else change dnd_state)": (
        "звонки принимают только {n} из {asked}: похоже на правду? (если нет, смените dnd_state)",
        "дзвінки приймають лише {n} з {asked}: схоже на правду? (якщо ні, змініть dnd_state)",
    ),
    "this key may not see who receives calls": (
        "кто принимает звонки, этому ключу не видно",
        "хто приймає дзвінки, цьому ключу не видно",
    ),
    "the tokens are good until {until} UTC, and are exchanged before": (
        "токены годны до {until} UTC и обновляются раньше",
        "токени чинні до {until} UTC і оновлюються раніше",
    ),
    "the key is refused. Check `key` of this [[pbx]] against the PBX's cabinet.": (
        "ключ не принят. Сверьте `key` этой записи [[pbx]] с кабинетом АТС.",
        "ключ не прийнято. Звірте `key` цього запису [[pbx]] з кабінетом АТС.",
    ),
    "the key is refused: it lacks the right {right}. Give it in the PBX's cabinet.": (
        "ключ не принят: у него нет права {right}. Дайте его в кабинете АТС.",
        "ключ не прийнято: він не має права {right}. Дайте його в кабінеті АТС.",
    ),
    "{error}. Check `url` of this [[pbx]], its proxy and the network.": (
        "{error}. Проверьте `url` этой записи [[pbx]], её прокси и сеть.",
        "{error}. Перевірте `url` цього запису [[pbx]], його проксі та мережу.",
    ),
    "none in 30 days; if calls were made, check the webhook's address and key in the PBX's cabinet": (
        "за 30 дней ни одного; если звонки были, проверьте адрес и ключ вебхука в кабинете АТС",
        "за 30 днів жодної; якщо дзвінки були, перевірте адресу й ключ вебхука в кабінеті АТС",
    ),
    "{n} min ago": ("{n} мин назад", "{n} хв тому"),
    # Where we are
    "none configured: fine for polling, but the PBX must be able to reach our /pbx/… address": (
        "не задан: для опроса достаточно, но АТС должна доставать до нашего адреса /pbx/…",
        "не задано: для опитування досить, але АТС має діставатися нашої адреси /pbx/…",
    ),
    "{url}/healthz can't be reached ({reason}). Is `ringdesk run` up, and does the proxy forward to it?": (
        "{url}/healthz недоступен ({reason}). Запущен ли `ringdesk run` и передаёт ли ему прокси?",
        "{url}/healthz недоступна ({reason}). Чи запущено `ringdesk run` і чи передає йому проксі?",
    ),
    "{url}/healthz answered {status}: something else answers there. Check the proxy.": (
        "{url}/healthz ответил {status}: там отвечает что-то другое. Проверьте прокси.",
        "{url}/healthz відповіла {status}: там відповідає щось інше. Перевірте проксі.",
    ),
    "{url} reaches us": ("{url} ведёт к нам", "{url} веде до нас"),
}


def answered(say: Words, tried: Tried) -> str:
    """What a PBX said when it was tried. `init` says it too."""
    parts = [say("{n} employees", n=tried.employees)]
    if tried.receiving is not None:
        told = {"n": tried.receiving, "asked": tried.asked}
        hardly = say("only {n} of {asked} receive calls: plausible? (else change dnd_state)", **told)
        parts.append(hardly if 2 * tried.receiving < tried.asked else say("{n} of {asked} receive calls", **told))
    elif tried.asked:
        parts.append(say("this key may not see who receives calls"))
    if tried.tokens_until:
        until = f"{tried.tokens_until:%Y-%m-%d %H:%M}"
        parts.append(say("the tokens are good until {until} UTC, and are exchanged before", until=until))
    return "; ".join(parts)
