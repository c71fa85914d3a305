"""What `ringdesk init` asks. Each method asks for one section of `ringdesk.toml` and returns it, tried."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from pydantic import ValidationError

from bot import check_words
from bot.check_words import answered
from bot.init import cabinet, trying
from bot.init.asking import Asker, Refused
from bot.init.command import Given
from bot.registry import VENDORS
from bot.settings import DatabaseSettings, Http, OfficeSettings, Telegram
from bot.words import Words
from pbx.config import Strict
from pbx.errors import AuthFailed, PbxError
from storage import migrate
from storage.database import Database, DatabaseUnavailable

T = TypeVar("T")
Section = dict[str, Any]
#: Random bytes of the key that we make up for the PBX, written as letters and digits: it may stand in an address.
KEY_BYTES = 20


def run(step: Coroutine[Any, Any, T]) -> T:
    """Each try has a loop of its own: between them people think, and Ctrl-C is only Ctrl-C."""
    return asyncio.run(step)


class Telegrams:
    """The section `[telegram]`."""

    def __init__(self, say: Words, asker: Asker, given: Given) -> None:
        self._say, self._asker = say, asker
        where = {"api_url": given.telegram_url, "proxy": given.telegram_proxy}
        self._where = {key: value for key, value in where.items() if value}

    def asked(self) -> Section:
        token, name = self._asker.ask(
            "token", self._say("The bot's token, from @BotFather"), self._tried, secret=True
        )
        self._asker.tell(f"  ✓ {self._say('The bot is @{name}.', name=name)}")
        section = {"token": token, **self._where}
        question = self._say(
            "Who is the administrator? Send /start to @{name} now, then press Enter; or type a user id", name=name
        )
        return {**section, "admins": self._asker.ask("admin", question, lambda answer: self._admins(answer, section))}

    def _tried(self, token: str) -> tuple[str, str]:
        chats = self._chats({"token": token, **self._where})
        self._asker.tell(f"  … {self._say('asking Telegram')}")
        return token, run(chats.name())

    def _chats(self, section: Section) -> trying.Chats:
        hint = self._say("It should look like 123456:ABC…, as @BotFather gave it.")
        return trying.Chats(self._say, fitting(Telegram, section, hint))

    def _admins(self, answer: str, section: Section) -> list[int]:
        ids = [one.strip() for one in answer.split(",")]
        if answer and all(one.isdecimal() and 0 < int(one) < 2**52 for one in ids):
            return [int(one) for one in ids]
        if answer or not self._asker.may_ask:
            raise Refused(self._say("A Telegram user id is a number such as 123456789; your name is not."))
        return [self._who_wrote(self._chats(section))]

    def _who_wrote(self, chats: trying.Chats) -> int:
        self._asker.tell(f"  … {self._say('waiting for a message to the bot, two minutes at most')}")
        writers = run(chats.writers())
        if not writers:
            raise Refused(self._say("Nobody wrote to the bot."))
        for one in writers:
            question = self._say("{name} wrote. Is that the administrator?", name=one.name)
            if self._asker.sure(f"  {question}", default=True):
                return one.user_id
        raise Refused(self._say("Then send /start from the right account."))


class Phones:
    """A section `[[pbx]]`."""

    def __init__(self, say: Words, asker: Asker, pbx_id: str) -> None:
        self._say, self._asker, self._id = say, asker, pbx_id

    def asked(self) -> Section:
        choices = [(slug, cabinet.CABINETS[slug].label) for slug in VENDORS]
        which = self._say(
            "Which VATS? Its cabinet says crmapi/v1 or crm_api.wcgp on the integration's page; where both, take 1."
        )
        vendor = self._asker.choose("vendor", self._say("Your PBX"), choices, hint=which)
        entry: Section = {"id": self._id, "vendor": vendor, "url": ""}
        while True:
            entry["url"] = entry["url"] or self._url(vendor)
            for name, question in cabinet.CABINETS[vendor].keys(self._say).items():
                entry[name] = self._asker.ask(_option(name), question, self._given_at_all, secret=True)
            if VENDORS[vendor].capabilities.webhook:
                entry["webhook_token"] = secrets.token_hex(KEY_BYTES)
            if self._answers(entry):
                return entry

    def _url(self, vendor: str) -> str:
        about = cabinet.CABINETS[vendor]
        hint = self._say("It should look like {example}.", example=about.example)

        def take(answer: str) -> str:
            address = answer if "://" in answer or not answer else f"https://{answer}"
            fitting(VENDORS[vendor].config, {"url": address}, hint, only="url")
            return address

        question = self._say("The PBX's address, such as {example}", example=about.example)
        return self._asker.ask("pbx-url", question, take, default=about.url)

    def _given_at_all(self, answer: str) -> str:
        if not answer:
            raise Refused(self._say("This is needed: copy it from the PBX's cabinet."))
        return answer

    def _answers(self, entry: Section) -> bool:
        """Whether to go on with it. What is to be asked again is emptied."""
        first_key = _option(cabinet.secrets(entry["vendor"])[0])
        try:
            config = VENDORS[entry["vendor"]].config.model_validate(entry)
        except ValidationError as bad:
            self._asker.wrong(bad.errors()[0]["msg"].removeprefix("Value error, "), first_key)
            return False
        self._asker.tell(f"  … {self._say('asking the PBX')}")
        try:
            tried, exchanged = run(trying.phones(config, cabinet.CABINETS[config.vendor].country))
        except AuthFailed as refused:
            self._asker.wrong(self._refused(refused), first_key)
            return False
        except PbxError as error:
            return self._goes_on_without(entry, error)
        entry.update(exchanged)
        said = answered(Words(self._say.language, check_words.WORDS), tried)
        self._asker.tell(f"  ✓ {self._say('The PBX answers: {said}', said=said)}")
        return True

    def _refused(self, error: AuthFailed) -> str:
        said = self._say("The PBX refuses the key.")
        if not error.missing_right:
            return said
        return f"{said} {self._say('It lacks the right {right}.', right=error.missing_right)}"

    def _goes_on_without(self, entry: Section, error: PbxError) -> bool:
        """It may be that the PBX is reached from another machine only, or not today."""
        said = self._say("The PBX does not answer as it should ({error}). Is the address right?", error=error)
        self._asker.wrong(said, "pbx-url")
        if self._asker.sure("  " + self._say("Go on with it as it is?"), default=False):
            return True
        entry["url"] = ""
        return False


def _option(key: str) -> str:
    """The option that answers for a key of `[[pbx]]`."""
    return "pbx-key" if key == "key" else key.replace("_", "-")


def http(say: Words, asker: Asker, given: Given, vendor: str) -> Section:
    """The section `[http]`. Who is only asked by us needs no address."""
    section: Section = {"port": given.port}
    if not VENDORS[vendor].capabilities.webhook and not given.answers["public-url"]:
        return section
    question = say(
        "The bot's public address, where the PBX sends its events, such as https://bot.example.com (Enter: later)"
    )
    take = _taking(Http, "public_url", say("It should look like {example}.", example="https://bot.example.com"))
    section["public_url"] = asker.ask("public-url", question, take)
    if section["public_url"].startswith("https:"):
        # We speak no TLS: something before us does. Where that is another machine, its address belongs here.
        section["trusted_proxies"] = ["127.0.0.1", "::1"]
    return section


def office(say: Words, asker: Asker, vendor: str) -> Section:
    """The section `[office]`, with defaults from where the vendor's customers are."""
    about = cabinet.CABINETS[vendor]
    zone = say("It should be a time zone such as {example}.", example="Europe/Moscow")
    land = say("It should be a country's two letters, such as {example}.", example="RU")
    open_at = say("Its working hours, such as Mon-Fri 09:00-18:00, Sat 10:00-15:00")
    hours = say("It should look like {example}.", example="Mon-Fri 09:00-18:00, Sat 10:00-15:00")
    rows = (
        ("timezone", "timezone", say("The office's time zone"), zone, about.timezone),
        ("country", "country", say("Its country, as two letters"), land, about.country),
        ("hours", "working_hours", open_at, hours, OfficeSettings().working_hours),
    )
    section: Section = {"language": say.language}
    for option, key, question, hint, default in rows:
        section[key] = asker.ask(option, question, _taking(OfficeSettings, key, hint), default=default)
    return section


def database(say: Words, asker: Asker) -> Section:
    """The section `[database]`."""
    hint = say("It should begin with sqlite+aiosqlite:/// or postgresql+asyncpg://.")

    def take(answer: str) -> str:
        url: str = fitting(DatabaseSettings, {"url": answer}, hint).url
        if not url.startswith("sqlite"):  # a file is made when it is needed
            _reached(say, url)
        return answer

    question = say("The database (Enter: a file beside the bot, enough for an office)")
    return {"url": asker.ask("database", question, take, default=DatabaseSettings().url)}


def fitting(part: type[Strict], values: Section, hint: str, *, only: str = "") -> Any:
    """`values` as that part of the configuration. Raises `Refused(hint)`.

    With `only`, what else the part needs may be missing still: nothing but that key counts, and the part may be None.
    """
    try:
        return part.model_validate(values)
    except ValidationError as bad:
        if not only or any(only in error["loc"] for error in bad.errors()):
            raise Refused(hint) from None
        return None


def _taking(part: type[Strict], key: str, hint: str) -> Callable[[str], str]:
    """Takes one key of a part that needs no other."""

    def take(answer: str) -> str:
        found: str = getattr(fitting(part, {key: answer}, hint), key)
        return found

    return take


def _reached(say: Words, url: str) -> None:
    async def look() -> None:
        db = Database(url)
        try:
            await migrate.is_current(db)
        finally:
            await db.aclose()

    try:
        run(look())
    except DatabaseUnavailable as broken:
        raise Refused(say("The database can't be used ({reason}).", reason=broken)) from None
