"""Every word of the commands that are typed beside the running bot, in three languages: they speak the office's."""

import os
from pathlib import Path

from bot.settings import BadSettings, Settings, load
from bot.words import Table, Words, language_of
from storage.alone import AlreadyServed
from storage.database import DatabaseUnavailable

WORDS: Table = {
    # The database
    "There is no database at {file}. Check database.url, and the folder you are in.": (
        "Базы данных {file} нет. Проверьте database.url и папку, в которой вы находитесь.",
        "Бази даних {file} немає. Перевірте database.url і теку, в якій ви перебуваєте.",
    ),
    "The database has the schema of another version. Run `ringdesk migrate` first.": (
        "Схема базы данных от другой версии. Сначала запустите `ringdesk migrate`.",
        "Схема бази даних від іншої версії. Спершу запустіть `ringdesk migrate`.",
    ),
    "The database can't be used: {reason}. Nothing was changed; try again.": (
        "База данных недоступна: {reason}. Ничего не изменено; попробуйте ещё раз.",
        "База даних недоступна: {reason}. Нічого не змінено; спробуйте ще раз.",
    ),
    "The database can't be used: {reason}. Check database.url.": (
        "База данных недоступна: {reason}. Проверьте database.url.",
        "База даних недоступна: {reason}. Перевірте database.url.",
    ),
    "The database has the current schema.": ("Схема базы данных свежая.", "Схема бази даних свіжа."),
    "{file} can't be written: {reason}.": (
        "В {file} записать не удалось: {reason}.",
        "У {file} записати не вдалося: {reason}.",
    ),
    "{file} can't be read: {reason}.": ("{file} не читается: {reason}.", "{file} не читається: {reason}."),
    "{file} is written.": ("{file}: записано.", "{file}: записано."),
    # `run`
    "Can't listen on {host}:{port}: {reason}": (
        "Не удалось занять {host}:{port}: {reason}",
        "Не вдалося зайняти {host}:{port}: {reason}",
    ),
    "{file} is in use by {who}. One SQLite database serves one Ringdesk: stop the other one, or give each its own "
    "database.url, or use PostgreSQL, which serves many.": (
        "{file} уже занята: {who}. Одна база SQLite служит одному Ringdesk: остановите другой, либо дайте каждому "
        "свой database.url, либо возьмите PostgreSQL, который служит многим.",
        "{file} вже зайнято: {who}. Одна база SQLite служить одному Ringdesk: зупиніть інший, або дайте кожному "
        "свій database.url, або візьміть PostgreSQL, який служить багатьом.",
    ),
    "process {pid}": ("процесс {pid}", "процес {pid}"),
    "another process": ("другой процесс", "інший процес"),
    # The configuration
    "{file}: there is no such file; `ringdesk init` writes it": (
        "{file}: такого файла нет; его создаст `ringdesk init`",
        "{file}: такого файлу немає; його створить `ringdesk init`",
    ),
    "{file}: can't be read ({reason})": ("{file}: не читается ({reason})", "{file}: не читається ({reason})"),
    "{file}: is no TOML: {reason}": ("{file}: это не TOML: {reason}", "{file}: це не TOML: {reason}"),
    "{file}: pbx needs at least one [[pbx]] section": (
        "{file}: нужна хотя бы одна запись [[pbx]]",
        "{file}: потрібен хоча б один запис [[pbx]]",
    ),
    "{key} should be one of {known}": ("{key}: подойдёт одно из {known}", "{key}: підійде одне з {known}"),
    "is missing": ("не задан", "не задано"),
    "is not a key we know; see docs/settings.md": (
        "такого ключа нет; все ключи в docs/operators/ru/settings.md",
        "такого ключа немає; усі ключі в docs/operators/uk/settings.md",
    ),
    "Input should be {expected}": ("подойдёт {expected}", "підійде {expected}"),
    "should look like {example}": ("должен выглядеть так: {example}", "має виглядати так: {example}"),
    "environment: {name} names no key of {file}": (
        "окружение: {name} не называет ни одного ключа {file}",
        "оточення: {name} не називає жодного ключа {file}",
    ),
    # `backup`
    "{file} is there already. Choose another name, or overwrite it with --force.": (
        "{file} уже есть. Выберите другое имя или перезапишите файл с --force.",
        "{file} вже є. Виберіть інше ім’я або перезапишіть файл із --force.",
    ),
    "{reason}. Run this where it is, with the password in place of “…”:\n{command}": (
        "{reason}. Запустите там, где она есть, с паролем вместо «…»:\n{command}",
        "{reason}. Запустіть там, де вона є, з паролем замість «…»:\n{command}",
    ),
    "pg_dump is not installed here": (
        "Программа pg_dump здесь не установлена",
        "Програму pg_dump тут не встановлено",
    ),
    "There is no backup: {reason}.": ("Копия не сделана: {reason}.", "Копію не зроблено: {reason}."),
    "{file}: {size} KiB, checked. It holds clients' data: keep it safe.": (
        "{file}: {size} КиБ, проверено. В файле данные клиентов: берегите его.",
        "{file}: {size} КіБ, перевірено. У файлі дані клієнтів: бережіть його.",
    ),
    # `events`
    "… and {n} more.": ("… и ещё {n}.", "… і ще {n}."),
    "Try them again: ringdesk events retry --all": (
        "Обработать их ещё раз: ringdesk events retry --all",
        "Опрацювати їх ще раз: ringdesk events retry --all",
    ),
    "No event has failed.": ("Необработанных событий нет.", "Неопрацьованих подій немає."),
    "Say which: ringdesk events retry ID …, or ringdesk events retry --all": (
        "Укажите какие: ringdesk events retry ID … или ringdesk events retry --all",
        "Вкажіть які: ringdesk events retry ID … або ringdesk events retry --all",
    ),
    "{n} events are tried again by the running bot. See how it went: ringdesk events failed": (
        "Запущенный бот обработает ещё раз событий: {n}. Что вышло, покажет ringdesk events failed",
        "Запущений бот опрацює ще раз подій: {n}. Що вийшло, покаже ringdesk events failed",
    ),
    "{n} of those you named have not failed, or are not there.": (
        "Из названных обработаны или не найдены: {n}.",
        "З названих опрацьовано або не знайдено: {n}.",
    ),
    # `export` and `forget`
    "“{said}” is no phone number. Write it with its country's code: +7 …": (
        "«{said}» не номер телефона. Напишите его с кодом страны: +7 …",
        "«{said}» не номер телефону. Напишіть його з кодом країни: +380 …",
    ),
    "Nothing is known of {number}.": ("О {number} ничего не известно.", "Про {number} нічого не відомо."),
    "Known of {number}: {what}.": ("О {number} известно: {what}.", "Про {number} відомо: {what}."),
    "Remove all of it for good?": ("Удалить всё это навсегда?", "Видалити все це назавжди?"),
    "Nothing was removed.": ("Ничего не удалено.", "Нічого не видалено."),
    "Removed: {what}.": ("Удалено: {what}.", "Видалено: {what}."),
    "contact": ("контакт", "контакт"),
    "calls": ("звонки", "дзвінки"),
    "calls that go on": ("идущие звонки", "дзвінки, що тривають"),
    "cases": ("карточки", "картки"),
    "call-backs": ("перезвоны", "передзвони"),
    "ratings": ("оценки", "оцінки"),
    "recordings known to Telegram": ("записи, отправленные в Telegram", "записи, надіслані в Telegram"),
    "escalations": ("эскалации", "ескалації"),
    "raw events": ("исходные события", "вихідні події"),
    "raw updates": ("исходные сообщения Telegram", "вихідні повідомлення Telegram"),
    "lines of the log of acts (kept, without the number)": (
        "строки журнала действий (остаются, но без номера)",
        "рядки журналу дій (лишаються, але без номера)",
    ),
    "timers": ("таймеры", "таймери"),
    "remembered values": ("запомненные значения", "запам’ятовані значення"),
    "notes": ("заметки", "нотатки"),
    "messages only": ("только сообщения", "лише повідомлення"),
    "{n} messages in chats: the running bot deletes them, or the next one does.": (
        "Сообщений в чатах: {n}. Их удалит запущенный бот, а если он не запущен, то после запуска.",
        "Повідомлень у чатах: {n}. Їх видалить запущений бот, а якщо його не запущено, то після запуску.",
    ),
    "{n} messages are older than 48 hours, and Telegram lets no bot delete them: their text is replaced.": (
        "Сообщений старше 48 часов: {n}. Удалять такие Telegram ботам не даёт, поэтому заменяется их текст.",
        "Повідомлень, старших за 48 годин: {n}. Видаляти такі Telegram ботам не дає, тому замінюється їхній текст.",
    ),
    "{n} messages stay: they are in chats that the bot was removed from.": (
        "Останутся сообщения в чатах, из которых бота удалили: {n}.",
        "Залишаться повідомлення в чатах, з яких бота видалено: {n}.",
    ),
    "What people wrote themselves, what the bot answered to commands, and the PBX's own records stay.": (
        "Остаётся то, что писали сами люди, ответы бота на команды и записи самой АТС.",
        "Залишається те, що писали самі люди, відповіді бота на команди й записи самої АТС.",
    ),
    # `contacts import` and `history import`
    "contacts": ("контакты", "контакти"),
    "days": ("дни", "дні"),
    "The database can't be used: {reason}. Run it again: nothing is imported twice.": (
        "База данных недоступна: {reason}. Запустите ещё раз: дважды ничего не загрузится.",
        "База даних недоступна: {reason}. Запустіть ще раз: двічі нічого не завантажиться.",
    ),
    "{added} added, {updated} updated, {known} already there.": (
        "Добавлено: {added}, обновлено: {updated}, уже было: {known}.",
        "Додано: {added}, оновлено: {updated}, вже було: {known}.",
    ),
    "line {n}: {why}": ("строка {n}: {why}", "рядок {n}: {why}"),
    "“{said}” is no phone number": ("«{said}» не номер телефона", "«{said}» не номер телефону"),
    "there is no name": ("нет имени", "немає імені"),
    "the name is longer than {said} characters": (
        "имя длиннее, чем можно: знаков не больше {said}",
        "ім’я довше, ніж можна: знаків не більше {said}",
    ),
    "there is no PBX called “{said}”": ("нет АТС «{said}»", "немає АТС «{said}»"),
    "nobody at the PBX is called “{said}”": (
        "на АТС нет сотрудника «{said}»",
        "на АТС немає співробітника «{said}»",
    ),
    "a quotation mark is not closed on this line": (
        "в этой строке не закрыта кавычка",
        "у цьому рядку не закрито лапки",
    ),
    "the card has no phone number": ("в карточке нет номера телефона", "у картці немає номера телефону"),
    "the card does not end": ("у карточки нет конца", "у картки немає кінця"),
    "PBX {pbx} can't be asked for its employees ({reason}); the last known ones count.": (
        "АТС {pbx} не назвала сотрудников ({reason}); взяты последние известные.",
        "АТС {pbx} не назвала співробітників ({reason}); взято останніх відомих.",
    ),
    "There is no [[pbx]] with the id {pbx}; configured: {known}.": (
        "Нет записи [[pbx]] с id {pbx}; в настройках есть: {known}.",
        "Немає запису [[pbx]] з id {pbx}; у налаштуваннях є: {known}.",
    ),
    "--to {last} is before --from {first}.": (
        "--to {last} раньше, чем --from {first}.",
        "--to {last} раніше, ніж --from {first}.",
    ),
    "The PBX stopped answering: {reason}. Run it again: finished days are not read twice.": (
        "АТС перестала отвечать: {reason}. Запустите ещё раз: прочитанные дни дважды не читаются.",
        "АТС перестала відповідати: {reason}. Запустіть ще раз: прочитані дні двічі не читаються.",
    ),
    "The database can't be used: {reason}. Run it again: finished days are not read twice.": (
        "База данных недоступна: {reason}. Запустите ещё раз: прочитанные дни дважды не читаются.",
        "База даних недоступна: {reason}. Запустіть ще раз: прочитані дні двічі не читаються.",
    ),
    "{days} days; {read} calls read, {news} of them new or better known.": (
        "Дней: {days}. Звонков прочитано: {read}, из них новых или уточнённых: {news}.",
        "Днів: {days}. Дзвінків прочитано: {read}, з них нових або уточнених: {news}.",
    ),
    "{days} days, {skipped} of them finished before; {read} calls read, {news} of them new or better known.": (
        "Дней: {days}, из них прочитано раньше: {skipped}. Звонков прочитано: {read}, из них новых или уточнённых: "
        "{news}.",
        "Днів: {days}, з них прочитано раніше: {skipped}. Дзвінків прочитано: {read}, з них нових або уточнених: "
        "{news}.",
    ),
}


def voice(settings: Settings) -> Words:
    """The office's."""
    return Words(settings.office.language, WORDS)


def in_this_machines_words(path: Path, bad: BadSettings) -> BadSettings:
    """The same troubles, in the language of whoever reads them: the office's is not known yet."""
    try:
        load(path, say=Words(language_of(os.environ), WORDS))
    except BadSettings as told:
        return told
    return bad


def why_not(settings: Settings, broken: AlreadyServed | DatabaseUnavailable | OSError) -> str:
    """Why `ringdesk run` ends at once."""
    say, http = voice(settings), settings.http
    match broken:
        case AlreadyServed():
            who = say("process {pid}", pid=broken.pid) if broken.pid else say("another process")
            return say(
                "{file} is in use by {who}. One SQLite database serves one Ringdesk: stop the other one, or give "
                "each its own database.url, or use PostgreSQL, which serves many.",
                file=broken.file,
                who=who,
            )
        case DatabaseUnavailable():
            return say("The database can't be used: {reason}. Check database.url.", reason=broken)
        case _:
            reason = broken.strerror
            return say("Can't listen on {host}:{port}: {reason}", host=http.host, port=http.port, reason=reason)
