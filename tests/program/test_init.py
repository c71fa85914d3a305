"""`ringdesk init` as a person meets it: on a terminal, before Telegram's stand-in and a simulated PBX."""

import asyncio
import contextlib
import stat
import sys
from pathlib import Path

import aiohttp
import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli
from bot.settings import Settings, load
from sandbox.telegram import TelegramStandIn
from tests.clocks import HandClock
from tests.office import ANNA, API_KEY, IGOR
from tests.ports import free_port
from tests.program.terminal import Terminal, a_terminal
from tests.program.town import Town
from tests.simulators import ACCESS_TOKEN, KINDS, REFRESH_TOKEN

TOKEN, ADMIN = "The bot's token, from @BotFather: ", "or type a user id: "
ADDRESS, KEY = "The PBX's address, such as https://example.megapbx.ru: ", "«Ключ для авторизации в АТС»): "
OURS, CHECK = "(Enter: later): ", "Try everything together now (ringdesk check)? [Y/n]: "

#: What a newcomer reads from the first line to the last. What is pasted as a secret does not show.
SHOWN = """
  1  en  English
  2  ru  Русский
  3  uk  Українська
Language / Язык / Мова [en]: {}

A few questions. Enter takes what is in brackets; pasted keys don't show; Ctrl-C stops.
The bot's token, from @BotFather: {}
  … asking Telegram
  ✓ The bot is @ringdesk_demo_bot.
Who is the administrator? Send /start to @ringdesk_demo_bot now, then press Enter; or type a user id: {}
  … waiting for a message to the bot, two minutes at most
  Anna (@anna, 1001) wrote. Is that the administrator? [Y/n]: {}

  1  vats_rest  VATS, REST API (crmapi/v1)
  2  vats_form  VATS, form API (crm_api.wcgp)
  3  phonet     Phonet
  4  t2         t2, Corporate PBX
Which VATS? Its cabinet says crmapi/v1 or crm_api.wcgp on the integration's page; where both, take 1.
Your PBX: 1
The PBX's address, such as https://example.megapbx.ru: {pbx}
The PBX's key (cabinet: Integration, «Ключ для авторизации в АТС»): {}
  … asking the PBX
  ✓ The PBX answers: 5 employees; 5 of 5 receive calls
The bot's public address, where the PBX sends its events, such as https://bot.example.com (Enter: later): https://bot.example.com
The office's time zone [Europe/Moscow]: {}
Its country, as two letters [RU]: {}
Its working hours, such as Mon-Fri 09:00-18:00, Sat 10:00-15:00 [Mon-Fri 09:00-18:00]: {}
The database (Enter: a file beside the bot, enough for an office) [sqlite+aiosqlite:///ringdesk.db]: {}

✓ ringdesk.toml is written; only you may read it.

In the PBX's cabinet, as its administrator:
  1. Open the integration whose key you copied, and switch it on.
  2. The CRM's address: https://bot.example.com/pbx/main
  3. The CRM's key (token, crm_token): {key}
  4. Where you may choose, switch on call history, call events, contact card and ratings.
  More: pbx/vats_rest/SETUP.md

Try everything together now (ringdesk check)? [Y/n]: n
✓ A test notice is in the administrator's chat with the bot.

Start the bot: {start}
"""
#: How the program is begun here: as a module, from another folder than the clone's.
START = f"{Path('run').resolve()} ringdesk run"
NOTICE = (
    "🔔 A test notice: Ringdesk can write to you.\n"
    f"Next: start me with “{START}”, and send me /start: I'll say what comes then."
)


def webhook_token(settings: Settings) -> str:
    return settings.pbx[0].webhook_token.get_secret_value()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def gets_to_the_pbx(terminal: Terminal, town: Town) -> None:
    await terminal.answers("[en]: ")
    await terminal.answers(TOKEN, town.tg.token)
    await terminal.answers(ADMIN, str(ANNA))
    await terminal.answers("Your PBX: ", "vats_rest")


async def takes_the_defaults(terminal: Terminal) -> None:
    for question in ("time zone [", "letters [", "15:00 [", "office) ["):
        await terminal.until(question)
        await terminal.answers("]: ")


async def test_a_newcomer_is_set_up_and_gets_a_test_notice(town: Town, tmp_path: Path) -> None:
    world = town.tg.world
    async with a_terminal(tmp_path, "init", "--telegram-url", town.tg.url) as terminal:
        await terminal.answers("[en]: ")
        await terminal.answers(TOKEN, town.tg.token)
        await terminal.until("Send /start to @")
        world.say(ANNA, ANNA, "/start")
        await terminal.answers(ADMIN)
        await terminal.answers("Is that the administrator? [Y/n]: ")
        await terminal.answers("Your PBX: ", "1")
        await terminal.answers(ADDRESS, town.pbx.url)
        await terminal.answers(KEY, API_KEY)
        await terminal.answers(OURS, "https://bot.example.com")
        await takes_the_defaults(terminal)
        await terminal.answers(CHECK, "n")
        assert await terminal.ended() == 0
    path = tmp_path / "ringdesk.toml"
    settings = load(path, {})
    assert terminal.shown == SHOWN.replace("{}", "").format(
        pbx=town.pbx.url, key=webhook_token(settings), start=START
    )
    assert files(tmp_path) == ["ringdesk.toml"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert settings.telegram.admins == (ANNA,)
    assert settings.telegram.token.get_secret_value() == town.tg.token
    assert settings.http.public_url == "https://bot.example.com"
    assert [str(one) for one in settings.http.trusted_proxies] == ["127.0.0.1/32", "::1/128"]
    assert [message.text for message in world.from_bot(ANNA)] == [NOTICE]


async def test_what_somebody_wrote_to_the_bot_is_left_for_it_to_answer(town: Town, tmp_path: Path) -> None:
    town.tg.world.say(IGOR, IGOR, "/start")
    town.tg.world.say(ANNA, ANNA, "/start")
    async with a_terminal(tmp_path, "init", "--telegram-url", town.tg.url) as terminal:
        await terminal.answers("[en]: ")
        await terminal.answers(TOKEN, town.tg.token)
        await terminal.answers(ADMIN)
        await terminal.answers(f"Anna (@anna, {ANNA}) wrote. Is that the administrator? [Y/n]: ", "n")
        await terminal.answers(f"Igor (@igor, {IGOR}) wrote. Is that the administrator? [Y/n]: ", "maybe")
        await terminal.until("✗ Type y or n.")
        await terminal.answers("[Y/n]: ", "n")
        await terminal.until("✗ Then send /start from the right account.")
        await terminal.answers(ADMIN)
        await terminal.answers(f"Anna (@anna, {ANNA}) wrote. Is that the administrator? [Y/n]: ", "y")
        await terminal.until("Your PBX: ")
        assert await terminal.interrupted() == 130
    assert files(tmp_path) == []


async def test_every_wrong_answer_is_said_and_asked_again(town: Town, tmp_path: Path) -> None:
    """In Russian, since the machine speaks it."""
    async with a_terminal(tmp_path, "init", "--telegram-url", town.tg.url, language="ru_RU.UTF-8") as terminal:
        await terminal.answers("[ru]: ", "de")
        await terminal.until("✗ Введите число от 1 до 3 или одно из: en, ru, uk.")
        await terminal.answers("[ru]: ")
        for wrong, said in {
            "": "✗ Должен быть вроде 123456:ABC…, как его дал @BotFather.",
            "123:": "✗ Должен быть вроде 123456:ABC…, как его дал @BotFather.",
            "12 3:a b": "✗ Должен быть вроде 123456:ABC…, как его дал @BotFather.",
            "123456:no-such-bot": "✗ Telegram не принимает токен. Запросите его у @BotFather ещё раз: /token.",
        }.items():
            await terminal.answers("@BotFather: ", wrong)
            await terminal.until(said)
        await terminal.answers("@BotFather: ", town.tg.token)
        await terminal.answers("введите id пользователя: ", "@anna")
        await terminal.until("✗ Id пользователя Telegram — это число вроде 123456789, а не имя.")
        await terminal.answers("введите id пользователя: ", str(ANNA))
        await terminal.answers("Ваша АТС: ", "5")
        await terminal.until("✗ Введите число от 1 до 4 или одно из: vats_rest, vats_form, phonet, t2.")
        await terminal.answers("Ваша АТС: ", "vats_rest")
        await terminal.answers("megapbx.ru: ", "ftp://example.com")
        await terminal.until("✗ Должно быть вроде https://example.megapbx.ru.")
        await terminal.answers("megapbx.ru: ", f"http://127.0.0.1:{free_port()}")
        await terminal.answers("в АТС»): ", API_KEY)
        await terminal.until("✗ АТС отвечает не так, как должна (")
        await terminal.answers("Продолжить с тем, что есть? [y/N]: ")
        await terminal.answers("megapbx.ru: ", town.pbx.url)
        await terminal.answers("в АТС»): ", "")
        await terminal.until("✗ Без этого нельзя: скопируйте из кабинета АТС.")
        await terminal.answers("в АТС»): ", "a-wrong-key")
        await terminal.until("✗ АТС не принимает ключ.")
        await terminal.answers("в АТС»): ", API_KEY)
        await terminal.answers("(Enter: позже): ", "bot.example.com")
        await terminal.until("✗ Должно быть вроде https://bot.example.com.")
        await terminal.answers("(Enter: позже): ")
        for asked, wrong, said in (
            ("[Europe/Moscow]: ", "Moscow", "✗ Нужен часовой пояс, например Europe/Moscow."),
            ("[RU]: ", "Russia", "✗ Нужны две буквы страны, например RU."),
            ("[Mon-Fri 09:00-18:00]: ", "9-18", "✗ Должно быть вроде Mon-Fri 09:00-18:00, Sat 10:00-15:00."),
            ("ringdesk.db]: ", "mysql://", "✗ Должно начинаться с sqlite+aiosqlite:/// или postgresql+asyncpg://."),
            ("ringdesk.db]: ", nowhere(), "✗ Базой данных нельзя пользоваться ("),
        ):
            await terminal.answers(asked, wrong)
            await terminal.until(said)
            if asked != "ringdesk.db]: ":
                await terminal.answers(asked)
        await terminal.answers("ringdesk.db]: ")
        await terminal.until("2. Адрес CRM: https://<публичный адрес бота>/pbx/main")
        await terminal.until(
            "Когда у бота появится публичный адрес, впишите его и в ringdesk.toml: public_url, под [http]."
        )
        await terminal.answers("(ringdesk check)? [Y/n]: ", "n")
        await terminal.until("✗ Бот пока не может вам писать. Сначала отправьте ему /start.")
        town.tg.world.say(ANNA, ANNA, "/start")
        await terminal.answers("Попробовать ещё раз? [Y/n]: ")
        assert await terminal.ended() == 0
    assert "Traceback" not in terminal.shown
    assert API_KEY not in terminal.shown
    assert town.tg.token not in terminal.shown
    settings = load(tmp_path / "ringdesk.toml", {})
    assert settings.office.language == "ru"
    assert [message.text.split(":")[0] for message in town.tg.world.from_bot(ANNA)] == ["🔔 Пробное уведомление"]


def nowhere() -> str:
    return f"postgresql+asyncpg://ringdesk@127.0.0.1:{free_port()}/ringdesk"


@pytest.mark.parametrize("asked", [ADMIN, "office) ["])
async def test_ctrl_c_leaves_nothing_behind(town: Town, tmp_path: Path, asked: str) -> None:
    """The questions before `asked` are answered by options."""
    given: dict[str, tuple[str, ...]] = {TOKEN: ("--language", "en"), ADMIN: ("--token", town.tg.token)}
    given["office) ["] = ("--admin", str(ANNA), "--vendor", "vats_rest", "--pbx-url", town.pbx.url)
    given["office) ["] += ("--pbx-key", API_KEY, "--public-url", "https://bot.example.com")
    given["office) ["] += ("--timezone", "UTC", "--country", "RU", "--hours", "Mon-Fri 09:00-18:00")
    answered = [word for name in list(given)[: list(given).index(asked) + 1] for word in given[name]]
    async with a_terminal(tmp_path, "init", "--telegram-url", town.tg.url, *answered) as terminal:
        await terminal.until(asked)
        assert await terminal.interrupted() == 130
    assert terminal.shown.endswith("\nStopped. Nothing was written.\n")
    assert files(tmp_path) == []


async def test_a_file_that_is_there_is_asked_about_and_kept(town: Town, tmp_path: Path) -> None:
    path, kept = tmp_path / "ringdesk.toml", tmp_path / "ringdesk.toml.bak"
    path.write_text("# mine\n", encoding="utf-8")
    question = "ringdesk.toml is there already. Write it anew, and keep it as .bak? [y/N]: "
    async with a_terminal(tmp_path, "init") as terminal:
        await terminal.answers(question)
        assert await terminal.ended() == 2
    assert path.read_text(encoding="utf-8") == "# mine\n"
    async with a_terminal(tmp_path, "init", "--telegram-url", town.tg.url, "--no-notice") as terminal:
        await terminal.answers(question, "y")
        await gets_to_the_pbx(terminal, town)
        await terminal.answers(ADDRESS, town.pbx.url)
        await terminal.answers(KEY, API_KEY)
        await terminal.answers(OURS)
        await takes_the_defaults(terminal)
        await terminal.until("What was there is now ringdesk.toml.bak.")
        await terminal.answers(CHECK, "n")
        assert await terminal.ended() == 0
    assert kept.read_text(encoding="utf-8") == "# mine\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert load(path, {}).telegram.admins == (ANNA,)


async def test_everything_is_tried_at_the_end(town: Town, tmp_path: Path) -> None:
    """But what only a running bot can have, such as somebody who answers at its address."""
    town.tg.world.say(ANNA, ANNA, "/start")
    async with a_terminal(tmp_path, "init", "--telegram-url", town.tg.url) as terminal:
        await gets_to_the_pbx(terminal, town)
        await terminal.answers(ADDRESS, town.pbx.url)
        await terminal.answers(KEY, API_KEY)
        await terminal.answers(OURS, f"http://127.0.0.1:{free_port()}")
        await takes_the_defaults(terminal)
        await terminal.answers(CHECK, "y")
        await terminal.until("ok    database: can be used, its schema is current")
        await terminal.until("ok    telegram: the bot is @ringdesk_demo_bot")
        await terminal.until("ok    pbx main: 5 employees")
        await terminal.until("✓ A test notice is in the administrator's chat with the bot.")
        assert await terminal.ended() == 0
    assert "FAIL" not in terminal.shown
    assert "public address: " not in terminal.shown.partition("ok    database")[2]


async def scripted(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """`ringdesk init --yes`, without a terminal; its exit status and what it said.

    In a thread of ours: starting Python takes longer than the whole story.
    """

    def told() -> Result:
        with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["bot/__main__.py"])  # as if started by `python -m bot`
            return CliRunner().invoke(cli, ["init", "--yes", *arguments], env={"LC_ALL": "C.UTF-8", **environment})

    done = await asyncio.to_thread(told)
    return done.exit_code, done.output


#: What the cabinet is told to do, by vendor.
PASTED = {
    "vats_rest": [
        "2. The CRM's address: https://bot.example.com/pbx/main",
        "3. The CRM's key (token, crm_token): {key}",
    ],
    "vats_form": [
        "2. The CRM's address: https://bot.example.com/pbx/main",
        "3. The CRM's key (token, crm_token): {key}",
    ],
    "phonet": ["2. Paste this into each field: https://bot.example.com/pbx/main/{key}"],
    "t2": ["1. Nothing to paste: t2 is asked by us. Don't generate tokens again, that kills these."],
}
SECRETS = {
    "t2": {
        "RINGDESK_PBX__MAIN__ACCESS_TOKEN": ACCESS_TOKEN,
        "RINGDESK_PBX__MAIN__REFRESH_TOKEN": REFRESH_TOKEN,
    }
}


@pytest.mark.parametrize("vendor", KINDS)
async def test_a_script_sets_up_each_vendor(town: Town, tmp_path: Path, vendor: str) -> None:
    """Secrets come by the environment; nothing is asked; everything is tried."""
    town.tg.world.say(ANNA, ANNA, "/start")
    keys = SECRETS.get(vendor, {"RINGDESK_PBX__MAIN__KEY": API_KEY})
    webhooks = () if vendor == "t2" else ("--public-url", "https://bot.example.com")
    async with KINDS[vendor].build(HandClock()) as pbx:
        status, said = await scripted(
            tmp_path,
            *("--telegram-url", town.tg.url, "--admin", f"{ANNA}, {IGOR}", "--vendor", vendor),
            *("--pbx-url", pbx.url, *webhooks, "--hours", "Mon-Sun 08:00-20:00", "--port", "9090"),
            RINGDESK_TELEGRAM__TOKEN=town.tg.token,
            **keys,
        )
    assert status == 0, said
    settings = load(tmp_path / "ringdesk.toml", {})
    assert settings.pbx[0].vendor == vendor
    assert settings.telegram.admins == (ANNA, IGOR)
    assert settings.http.port == 9090
    assert (settings.office.timezone, settings.office.country) == {
        "phonet": ("Europe/Kyiv", "UA"),
    }.get(vendor, ("Europe/Moscow", "RU"))
    for line in PASTED[vendor]:
        assert f"  {line.format(key=webhook_token(settings))}\n" in said
    assert not [secret for secret in (town.tg.token, API_KEY, ACCESS_TOKEN, REFRESH_TOKEN) if secret in said]
    assert [message.text for message in town.tg.world.from_bot(ANNA)] == [NOTICE]


async def test_a_script_that_forgot_something_is_told(town: Town, tmp_path: Path) -> None:
    given = ["--telegram-url", town.tg.url]
    known = ["--token", town.tg.token, "--admin", str(ANNA), "--vendor", "vats_rest", "--pbx-url", town.pbx.url]
    for more, complaint in (
        ([], "✗ --token: It should look like 123456:ABC…, as @BotFather gave it."),
        (known, "✗ --pbx-key: This is needed: copy it from the PBX's cabinet."),
        (["--pbx-key", "a-wrong-key"], "✗ --pbx-key: The PBX refuses the key."),
        (["--telegram-proxy", "somewhere"], "✗ --token: The proxy can't be used: --telegram-proxy should look like"),
    ):
        given += more
        status, said = await scripted(tmp_path, *given)
        assert (status, said.splitlines()[-1][: len(complaint)]) == (2, complaint), said
    assert files(tmp_path) == []


async def test_a_script_overwrites_by_force_only(town: Town, tmp_path: Path) -> None:
    (tmp_path / "ringdesk.toml").write_text("# mine\n", encoding="utf-8")
    assert await scripted(tmp_path) == (2, "ringdesk.toml is there already; --force overwrites it.\n")
    status, said = await scripted(tmp_path, "--config", str(tmp_path / "none" / "ringdesk.toml"))
    assert (status, "can't be written: look at the folder and its rights." in said) == (2, True)
    given = ["--telegram-url", town.tg.url, "--token", town.tg.token, "--admin", str(ANNA), "--vendor", "vats_rest"]
    status, said = await scripted(tmp_path, *given, "--pbx-url", town.pbx.url, "--pbx-key", API_KEY, "--force")
    assert status == 1
    assert "✗ I may not write to you yet. Send /start to the bot first." in said
    assert (tmp_path / "ringdesk.toml.bak").read_text(encoding="utf-8") == "# mine\n"
    load(tmp_path / "ringdesk.toml", {})


async def test_telegram_out_of_reach_and_a_bot_that_another_program_reads(tmp_path: Path) -> None:
    async with TelegramStandIn() as tg:
        tg.weather.refuse(times=1)
        async with a_terminal(tmp_path, "init", "--telegram-url", tg.url) as terminal:
            await terminal.answers("[en]: ")
            await terminal.answers(TOKEN, tg.token)
            await terminal.until("✗ Telegram can't be reached (ServerDisconnectedError). Check the network, or give")
            await terminal.answers(TOKEN, tg.token)
            await terminal.until("Who is the administrator?")
            async with aiohttp.ClientSession() as other:
                hooked = {"url": "https://other.example.com"}
                async with other.post(f"{tg.url}/bot{tg.token}/setWebhook", data=hooked) as response:
                    assert response.status == 200
            await terminal.answers(ADMIN)
            await terminal.until("✗ Another program reads this bot's messages. End it, or type your user id.")
            assert await terminal.interrupted() == 130
