"""`ringdesk init` from its first question to the test notice."""

import os
import shlex
import sys
import tomllib
from contextlib import suppress
from pathlib import Path

from bot.init import cabinet, questions, trying, writing
from bot.init.asking import Asker, NothingToAsk, Refused
from bot.init.command import Given
from bot.init.questions import Phones, Section, Telegrams, run
from bot.init.words import WORDS
from bot.registry import VENDORS
from bot.settings import BadSettings, Settings, checked
from bot.words import LANGUAGES, Words, language_of
from storage import migrate
from storage.database import Database, DatabaseUnavailable

#: Exit statuses: set up; set up, but something does not work yet; not set up; stopped by Ctrl-C.
DONE, NOT_ALL, NOTHING, STOPPED = 0, 1, 2, 130
#: Where the clone is, if it is one.
HERE = Path(__file__).resolve().parents[2]
SECTIONS = ("[telegram]", "[http]", "[database]", "[office]", "[[pbx]]")


def tell(given: Given) -> int:
    """The whole story; its exit status."""
    story = Story(given)
    try:
        return story.told()
    except NothingToAsk:
        return NOTHING
    except (KeyboardInterrupt, EOFError):
        print()
        print(story.how_far())
        return STOPPED


class Story:
    """How far it is told."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.say = Words(language_of(os.environ), WORDS)
        self.asker = Asker(self.say, given.answers, may_ask=not given.yes)
        self._is_written = False

    def told(self) -> int:
        if not self._may_write():
            return NOTHING
        self._language()
        sections = self._sections()
        settings = self._write(sections)
        if settings is None:
            return NOTHING
        self._what_to_paste(settings, sections[-1])
        all_well = self._checked(settings)
        all_well &= self._noticed(settings)
        self._farewell()
        return DONE if all_well else NOT_ALL

    def how_far(self) -> str:
        if self._is_written:
            return self.say("Stopped. {file} is written.", file=self.given.config)
        return self.say("Stopped. Nothing was written.")

    def _may_write(self) -> bool:
        """Looked at first: nobody should answer a dozen questions in vain."""
        path, say = self.given.config, self.say
        if path.is_dir() or not os.access(path.resolve().parent, os.W_OK):
            return _not(say("{file} can't be written: look at the folder and its rights.", file=path))
        if not path.exists() or self.given.force:
            return True
        if self.given.yes:
            return _not(say("{file} is there already; --force overwrites it.", file=path))
        question = say("{file} is there already. Write it anew, and keep it as .bak?", file=path)
        return self.asker.sure(question, default=False)

    def _language(self) -> None:
        question, choices = "Language / Язык / Мова", list(LANGUAGES.items())
        chosen = self.asker.choose("language", question, choices, default=self.say.language)
        self.say = self.asker.say = Words(chosen, WORDS)

    def _sections(self) -> list[Section]:
        """In the order of the file; the telephone comes early, since it is what people have at hand."""
        say, asker = self.say, self.asker
        if asker.may_ask:
            asker.tell()
            asker.tell(say("A few questions. Enter takes what is in brackets; pasted keys don't show; Ctrl-C stops."))
        telegram = Telegrams(say, asker, self.given).asked()
        entry = Phones(say, asker, self.given.pbx_id).asked()
        http = questions.http(say, asker, self.given, entry["vendor"])
        office = questions.office(say, asker, entry["vendor"])
        return [telegram, http, questions.database(say, asker), office, entry]

    def _write(self, sections: list[Section]) -> Settings | None:
        path = self.given.config
        content = writing.text(zip(SECTIONS, sections, strict=True))
        try:
            settings = checked(tomllib.loads(content), path)
            kept = writing.write(path, content)
        except (BadSettings, OSError) as broken:
            _not(str(broken))
            return None
        self._is_written = True
        self.asker.tell()
        self.asker.tell("✓ " + self.say("{file} is written; only you may read it.", file=path))
        if kept:
            self.asker.tell("  " + self.say("What was there is now {file}.", file=kept.name))
        return settings

    def _what_to_paste(self, settings: Settings, entry: Section) -> None:
        say, tell, vendor = self.say, self.asker.tell, entry["vendor"]
        nowhere_yet = say("<the bot's public address>")
        ours = settings.http.public_url or f"https://{nowhere_yet}"
        address = f"{ours}/pbx/{entry['id']}"
        tell()
        tell(say("In the PBX's cabinet, as its administrator:"))
        steps = cabinet.CABINETS[vendor].steps(say, address, entry.get("webhook_token", ""))
        for number, step in enumerate(steps, start=1):
            tell(f"  {number}. {step}")
        if VENDORS[vendor].capabilities.webhook and not settings.http.public_url:
            file = self.given.config
            told = say(
                "Once the bot has a public address, write it into {file} too: public_url, below [http].", file=file
            )
            tell(f"  {told}")
        tell("  " + say("More: {file}", file=cabinet.guide(vendor, say.language)))

    def _checked(self, settings: Settings) -> bool:
        """`ringdesk check`, if it is wanted."""
        wanted = self.given.check
        self.asker.tell()
        if wanted is None:
            question = self.say("Try everything together now (ringdesk check)?")
            wanted = self.asker.sure(question, default=self.asker.may_ask)
        return run(_check(settings)) if wanted else True

    def _noticed(self, settings: Settings) -> bool:
        """The test notice; who has not written to the bot yet is asked to, and it is tried again."""
        if not self.given.notice:
            return True
        chats, admin = trying.Chats(self.say, settings.telegram), settings.telegram.admins[0]
        while True:
            try:
                run(chats.send(admin, self._notice()))
                self.asker.tell("✓ " + self.say("A test notice is in the administrator's chat with the bot."))
                return True
            except Refused as no:
                self.asker.tell(f"  ✗ {no}")
            if not self.asker.sure("  " + self.say("Try again?"), default=self.asker.may_ask):
                return False

    def _notice(self) -> str:
        next_step = self.say(
            "Next: start me with “{command}”, and send me /start: I'll say what comes then.", command=self._command()
        )
        return f"{self.say('🔔 A test notice: Ringdesk can write to you.')}\n{next_step}"

    def _farewell(self) -> None:
        self.asker.tell()
        self.asker.tell(self.say("Start the bot: {command}", command=self._command()))

    def _command(self) -> str:
        """What starts the bot, as it has to be typed here: `RINGDESK_START` tells where that is something else."""
        path = self.given.config
        option = "" if path == Path("ringdesk.toml") else f" --config {shlex.quote(str(path))}"
        return os.environ.get("RINGDESK_START") or f"{_program()} run{option}"


def _program() -> str:
    """`./run ringdesk` starts the program as a module, from a clone's folder or from elsewhere."""
    if Path(sys.argv[0]).name != "__main__.py":
        return "ringdesk"
    return "./run ringdesk" if Path("run").exists() else shlex.join([str(HERE / "run"), "ringdesk"])


def _not(why: str) -> bool:
    print(why, file=sys.stderr, flush=True)
    return False


async def _check(settings: Settings) -> bool:
    """On a database that has its tables; that it can't be used is one of the things that are checked."""
    from bot.check import check

    db = Database(settings.database.url)
    with suppress(DatabaseUnavailable):
        await migrate.upgrade(db)
    await db.aclose()
    return await check(settings, has_begun=False)
