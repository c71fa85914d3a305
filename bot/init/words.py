"""Every word of `ringdesk init`, in three languages."""

from bot.words import Table

WORDS: Table = {
    # The terminal
    "A few questions. Enter takes what is in brackets; pasted keys don't show; Ctrl-C stops.": (
        "Несколько вопросов. Enter берёт то, что в скобках; ключи при вставке не видны; Ctrl-C прерывает.",
        "Кілька запитань. Enter бере те, що в дужках; ключі під час вставлення не видно; Ctrl-C перериває.",
    ),
    "Type a number from 1 to {last}, or one of: {values}.": (
        "Введите число от 1 до {last} или одно из: {values}.",
        "Введіть число від 1 до {last} або одне з: {values}.",
    ),
    "Type y or n.": ("Введите y (да) или n (нет).", "Введіть y (так) або n (ні)."),
    "There are letters in it that can't be seen; copy it again.": (
        "В нём есть невидимые знаки; скопируйте ещё раз.",
        "У ньому є невидимі знаки; скопіюйте ще раз.",
    ),
    "It should look like {example}.": ("Должно быть вроде {example}.", "Має бути на зразок {example}."),
    "Stopped. Nothing was written.": ("Прервано. Ничего не записано.", "Перервано. Нічого не записано."),
    "Stopped. {file} is written.": ("Прервано. {file} записан.", "Перервано. {file} записано."),
    # The file
    "{file} can't be written: look at the folder and its rights.": (
        "{file} нельзя записать: проверьте папку и права на неё.",
        "{file} не можна записати: перевірте теку та права на неї.",
    ),
    "{file} is there already; --force overwrites it.": (
        "{file} уже есть; --force перезапишет его.",
        "{file} вже є; --force перезапише його.",
    ),
    "{file} is there already. Write it anew, and keep it as .bak?": (
        "{file} уже есть. Записать заново, а прежний сохранить как .bak?",
        "{file} вже є. Записати наново, а попередній зберегти як .bak?",
    ),
    "{file} is written; only you may read it.": (
        "{file} записан; читать его можете только вы.",
        "{file} записано; читати його можете лише ви.",
    ),
    "What was there is now {file}.": ("Прежний файл теперь {file}.", "Попередній файл тепер {file}."),
    # Telegram
    "The bot's token, from @BotFather": ("Токен бота от @BotFather", "Токен бота від @BotFather"),
    "It should look like 123456:ABC…, as @BotFather gave it.": (
        "Должен быть вроде 123456:ABC…, как его дал @BotFather.",
        "Має бути на зразок 123456:ABC…, як його дав @BotFather.",
    ),
    "asking Telegram": ("спрашиваю Telegram", "питаю Telegram"),
    "The bot is @{name}.": ("Это бот @{name}.", "Це бот @{name}."),
    "Telegram refuses the token. Ask @BotFather for it again: /token.": (
        "Telegram не принимает токен. Запросите его у @BotFather ещё раз: /token.",
        "Telegram не приймає токен. Запитайте його в @BotFather ще раз: /token.",
    ),
    "Telegram can't be reached ({reason}). Check the network, or give --telegram-proxy.": (
        "Telegram недоступен ({reason}). Проверьте сеть или укажите --telegram-proxy.",
        "Telegram недоступний ({reason}). Перевірте мережу або вкажіть --telegram-proxy.",
    ),
    "The proxy can't be used: --telegram-proxy should look like {example}.": (
        "Прокси не подходит: --telegram-proxy должен быть вроде {example}.",
        "Проксі не підходить: --telegram-proxy має бути на зразок {example}.",
    ),
    "Who is the administrator? Send /start to @{name} now, then press Enter; or type a user id": (
        "Кто администратор? Отправьте сейчас /start боту @{name} и нажмите Enter; или введите id пользователя",
        "Хто адміністратор? Надішліть зараз /start боту @{name} і натисніть Enter; або введіть id користувача",
    ),
    "A Telegram user id is a number such as 123456789; your name is not.": (
        "Id пользователя Telegram — это число вроде 123456789, а не имя.",
        "Id користувача Telegram — це число на зразок 123456789, а не ім’я.",
    ),
    "waiting for a message to the bot, two minutes at most": (
        "жду сообщения боту, не дольше двух минут",
        "чекаю на повідомлення боту, не довше двох хвилин",
    ),
    "Nobody wrote to the bot.": ("Боту никто не написал.", "Боту ніхто не написав."),
    "{name} wrote. Is that the administrator?": (
        "Боту пишет {name}. Это администратор?",
        "Боту пише {name}. Це адміністратор?",
    ),
    "Then send /start from the right account.": (
        "Тогда отправьте /start с нужного аккаунта.",
        "Тоді надішліть /start з потрібного акаунта.",
    ),
    "Another program reads this bot's messages. End it, or type your user id.": (
        "Сообщения этого бота читает другая программа. Завершите её или введите id пользователя.",
        "Повідомлення цього бота читає інша програма. Завершіть її або введіть id користувача.",
    ),
    "I may not write to you yet. Send /start to the bot first.": (
        "Бот пока не может вам писать. Сначала отправьте ему /start.",
        "Бот поки не може вам писати. Спершу надішліть йому /start.",
    ),
    # The PBX
    "Your PBX": ("Ваша АТС", "Ваша АТС"),
    "The PBX's address, such as {example}": ("Адрес АТС, например {example}", "Адреса АТС, наприклад {example}"),
    "This is needed: copy it from the PBX's cabinet.": (
        "Без этого нельзя: скопируйте из кабинета АТС.",
        "Без цього не можна: скопіюйте з кабінету АТС.",
    ),
    "asking the PBX": ("спрашиваю АТС", "питаю АТС"),
    "The PBX answers: {said}": ("АТС отвечает: {said}", "АТС відповідає: {said}"),
    "Which VATS? Its cabinet says crmapi/v1 or crm_api.wcgp on the integration's page; where both, take 1.": (
        "Какая VATS? В её кабинете на странице интеграции написано crmapi/v1 или crm_api.wcgp; если оба, берите 1.",
        "Яка VATS? У її кабінеті на сторінці інтеграції написано crmapi/v1 або crm_api.wcgp; якщо обидва, беріть 1.",
    ),
    "The PBX refuses the key.": ("АТС не принимает ключ.", "АТС не приймає ключ."),
    "It lacks the right {right}.": ("У него нет права {right}.", "Він не має права {right}."),
    "The PBX does not answer as it should ({error}). Is the address right?": (
        "АТС отвечает не так, как должна ({error}). Верен ли адрес?",
        "АТС відповідає не так, як має ({error}). Чи правильна адреса?",
    ),
    "Go on with it as it is?": ("Продолжить с тем, что есть?", "Продовжити з тим, що є?"),
    "The PBX's key (cabinet: Integration, «Ключ для авторизации в АТС»)": (
        "Ключ АТС (кабинет: Интеграция, «Ключ для авторизации в АТС»)",
        "Ключ АТС (кабінет: Интеграция, «Ключ для авторизации в АТС»)",
    ),
    "The API key (cabinet: Настройки → Интеграция → Интеграция с другой CRM системой)": (
        "Ключ API (кабинет: Настройки → Интеграция → Интеграция с другой CRM системой)",
        "Ключ API (кабінет: Настройки → Интеграция → Интеграция с другой CRM системой)",
    ),
    "The first token (cabinet: the company's name → Токен API → Сгенерировать токен)": (
        "Первый токен (кабинет: название компании → Токен API → Сгенерировать токен)",
        "Перший токен (кабінет: назва компанії → Токен API → Сгенерировать токен)",
    ),
    "The second token, beside the first": ("Второй токен, рядом с первым", "Другий токен, поруч із першим"),
    # Where we are, and the office
    "The bot's public address, where the PBX sends its events, such as https://bot.example.com (Enter: later)": (
        "Публичный адрес бота, куда АТС шлёт события, например https://bot.example.com (Enter: позже)",
        "Публічна адреса бота, куди АТС надсилає події, наприклад https://bot.example.com (Enter: пізніше)",
    ),
    "<the bot's public address>": ("<публичный адрес бота>", "<публічна адреса бота>"),
    "The office's time zone": ("Часовой пояс офиса", "Часовий пояс офісу"),
    "It should be a time zone such as {example}.": (
        "Нужен часовой пояс, например {example}.",
        "Потрібен часовий пояс, наприклад {example}.",
    ),
    "Its country, as two letters": ("Его страна, двумя буквами", "Його країна, двома літерами"),
    "It should be a country's two letters, such as {example}.": (
        "Нужны две буквы страны, например {example}.",
        "Потрібні дві літери країни, наприклад {example}.",
    ),
    "Its working hours, such as Mon-Fri 09:00-18:00, Sat 10:00-15:00": (
        "Его рабочие часы, например Mon-Fri 09:00-18:00, Sat 10:00-15:00",
        "Його робочі години, наприклад Mon-Fri 09:00-18:00, Sat 10:00-15:00",
    ),
    "The database (Enter: a file beside the bot, enough for an office)": (
        "База данных (Enter: файл рядом с ботом, офису этого хватает)",
        "База даних (Enter: файл поруч із ботом, офісу цього досить)",
    ),
    "It should begin with sqlite+aiosqlite:/// or postgresql+asyncpg://.": (
        "Должно начинаться с sqlite+aiosqlite:/// или postgresql+asyncpg://.",
        "Має починатися з sqlite+aiosqlite:/// або postgresql+asyncpg://.",
    ),
    "The database can't be used ({reason}).": (
        "Базой данных нельзя пользоваться ({reason}).",
        "Базою даних не можна користуватися ({reason}).",
    ),
    # What to do in the cabinet
    "In the PBX's cabinet, as its administrator:": (
        "В кабинете АТС, под администратором:",
        "У кабінеті АТС, під адміністратором:",
    ),
    "Open the integration whose key you copied, and switch it on.": (
        "Откройте интеграцию, ключ которой вы скопировали, и включите её.",
        "Відкрийте інтеграцію, ключ якої ви скопіювали, і ввімкніть її.",
    ),
    "The CRM's address: {address}": ("Адрес CRM: {address}", "Адреса CRM: {address}"),
    "The CRM's key (token, crm_token): {key}": (
        "Ключ CRM (токен, crm_token): {key}",
        "Ключ CRM (токен, crm_token): {key}",
    ),
    "Where you may choose, switch on call history, call events, contact card and ratings.": (
        "Если можно выбирать, включите историю вызовов, события вызовов, карточку контакта и оценки.",
        "Якщо можна вибирати, увімкніть історію викликів, події викликів, картку контакту та оцінки.",
    ),
    "Настройки → Интеграции → Другие CRM системы (WebHook).": (
        "Настройки → Интеграции → Другие CRM системы (WebHook).",
        "Настройки → Интеграции → Другие CRM системы (WebHook).",
    ),
    "Paste this into each field: {address}": (
        "Вставьте это в каждое поле: {address}",
        "Вставте це в кожне поле: {address}",
    ),
    "Nothing to paste: t2 is asked by us. Don't generate tokens again, that kills these.": (
        "Вставлять нечего: t2 опрашиваем мы. Не генерируйте токены снова, иначе эти перестанут действовать.",
        "Вставляти нічого: t2 опитуємо ми. Не генеруйте токени знову, інакше ці перестануть діяти.",
    ),
    "Once the bot has a public address, write it into {file} too: public_url, below [http].": (
        "Когда у бота появится публичный адрес, впишите его и в {file}: public_url, под [http].",
        "Коли бот матиме публічну адресу, впишіть її і в {file}: public_url, під [http].",
    ),
    "More: {file}": ("Подробнее: {file}", "Докладніше: {file}"),
    # The end
    "Try everything together now (ringdesk check)?": (
        "Проверить сейчас всё вместе (ringdesk check)?",
        "Перевірити зараз усе разом (ringdesk check)?",
    ),
    "🔔 A test notice: Ringdesk can write to you.": (
        "🔔 Пробное уведомление: Ringdesk может вам писать.",
        "🔔 Пробне сповіщення: Ringdesk може вам писати.",
    ),
    "Next: start me with “{command}”, and send me /start: I'll say what comes then.": (
        "Дальше: запустите меня командой «{command}» и отправьте мне /start — подскажу, что потом.",
        "Далі: запустіть мене командою «{command}» і надішліть мені /start — підкажу, що потім.",
    ),
    "Try again?": ("Попробовать ещё раз?", "Спробувати ще раз?"),
    "A test notice is in the administrator's chat with the bot.": (
        "Пробное уведомление — в чате администратора с ботом.",
        "Пробне сповіщення — у чаті адміністратора з ботом.",
    ),
    "Start the bot: {command}": ("Запустите бота: {command}", "Запустіть бота: {command}"),
}
