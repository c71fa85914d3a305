"""The options of `ringdesk init`: any question may be answered beforehand, and with `--yes` none is asked."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line said; empty where it said nothing."""

    config: Path
    force: bool
    yes: bool
    check: bool | None
    notice: bool
    port: int
    pbx_id: str
    telegram_url: str
    telegram_proxy: str
    answers: dict[str, str]
    """By the option's name without its dashes: `token`, `admin`, `pbx-url`."""


def _secret(name: str, text: str) -> typer.models.OptionInfo:
    """A secret is better given by the environment, where no list of processes shows it."""
    found: typer.models.OptionInfo = typer.Option(help=text, envvar=name, show_envvar=True)
    return found


def init(
    config: Annotated[Path, typer.Option(help="The file to write.")] = Path("ringdesk.toml"),
    language: Annotated[str, typer.Option(help="Of the questions and of the chats: en, ru or uk.")] = "",
    token: Annotated[str, _secret("RINGDESK_TELEGRAM__TOKEN", "The bot's token, from @BotFather.")] = "",
    admin: Annotated[str, typer.Option(help="The administrator's Telegram user id; several with commas.")] = "",
    vendor: Annotated[str, typer.Option(help="The PBX: vats_rest, vats_form, phonet or t2.")] = "",
    pbx_url: Annotated[str, typer.Option(help="The PBX's address.")] = "",
    pbx_key: Annotated[str, _secret("RINGDESK_PBX__MAIN__KEY", "The PBX's key.")] = "",
    access_token: Annotated[str, _secret("RINGDESK_PBX__MAIN__ACCESS_TOKEN", "t2's first token.")] = "",
    refresh_token: Annotated[str, _secret("RINGDESK_PBX__MAIN__REFRESH_TOKEN", "t2's second token.")] = "",
    public_url: Annotated[
        str, typer.Option(help="The address by which the PBX reaches us.", envvar="RINGDESK_HTTP__PUBLIC_URL")
    ] = "",
    timezone: Annotated[str, typer.Option(help="The office's time zone.")] = "",
    country: Annotated[str, typer.Option(help="The office's country, two letters.")] = "",
    hours: Annotated[str, typer.Option(help="The working hours.")] = "",
    database: Annotated[str, typer.Option(help="The database's URL.")] = "",
    pbx_id: Annotated[str, typer.Option(help="What the PBX is called in commands and addresses.")] = "main",
    port: Annotated[int, typer.Option(help="The port for webhooks.", min=0, max=65535)] = 8080,
    telegram_url: Annotated[str, typer.Option(help="Where Telegram's Bot API is, if elsewhere.")] = "",
    telegram_proxy: Annotated[str, typer.Option(help="The way to Telegram, if not direct.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: options and defaults, or status 2.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file; the old one becomes .bak.")] = False,
    check: Annotated[bool | None, typer.Option(help="Run `ringdesk check` at the end; else it is asked.")] = None,
    notice: Annotated[bool, typer.Option(help="Send the administrator a test notice.")] = True,
) -> None:
    """Set the bot up: a few questions, each key tried at once, and ringdesk.toml is written."""
    answers = {
        "language": language,
        "token": token,
        "admin": admin,
        "vendor": vendor,
        "pbx-url": pbx_url,
        "pbx-key": pbx_key,
        "access-token": access_token,
        "refresh-token": refresh_token,
        "public-url": public_url,
        "timezone": timezone,
        "country": country,
        "hours": hours,
        "database": database,
    }
    given = Given(config, force, yes, check, notice, port, pbx_id, telegram_url, telegram_proxy, answers)
    from bot.init.story import tell

    sys.exit(tell(given))
