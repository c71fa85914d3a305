"""`ringdesk.toml` and the environment, checked: CONTRACT.md, "Configuration".

Every key may also come as `RINGDESK_SECTION__KEY`; a PBX's as `RINGDESK_PBX__ID__KEY`. The environment wins.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit
from zoneinfo import available_timezones

from phonenumbers import SUPPORTED_REGIONS
from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bot.registry import VENDORS
from bot.words import ENGLISH, Words
from desk.office import WorkingHours
from pbx.config import Network, PbxConfig, Strict

PREFIX = "RINGDESK_"
SECTIONS = ("telegram", "http", "database", "office", "retention", "log")


class BadSettings(Exception):
    """What is wrong, where, and what is allowed; one line a trouble, no secrets."""


def _listed(value: Any) -> Any:
    """Lists come from the environment as words separated by commas, with or without brackets."""
    if not isinstance(value, str):
        return value
    return [one.strip().strip("\"'") for one in value.strip().strip("[]").split(",") if one.strip()]


Networks = Annotated[tuple[Network, ...], BeforeValidator(_listed)]
UserIds = Annotated[tuple[int, ...], BeforeValidator(_listed)]


def _http_url(url: str, example: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f'should look like "{example}"')
    return url.rstrip("/")


def _with_password(url: str, password: str) -> str:
    if not password:
        return url
    scheme, _, rest = url.partition("://")
    user, at, host = rest.rpartition("@")
    if not at or ":" in user:
        raise ValueError("should name a user and no password where database.password is set")
    return f"{scheme}://{user}:{quote(password, safe='')}@{host}"


class Telegram(Strict):
    token: SecretStr
    api_url: str = "https://api.telegram.org"
    mode: Literal["polling", "webhook"] = "polling"
    admins: UserIds = ()
    proxy: str = ""

    @field_validator("token")
    @classmethod
    def _looks_like_a_token(cls, token: SecretStr) -> SecretStr:
        number, _, rest = token.get_secret_value().partition(":")
        if not number.isdecimal() or not rest:
            raise ValueError('should look like "123456:ABC…", as @BotFather gave it')
        return token

    @field_validator("api_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        return _http_url(url, "https://api.telegram.org")


class Http(Strict):
    host: str = "0.0.0.0"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    trusted_proxies: Networks = ()

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        return _http_url(url, "https://bot.example.com") if url else ""


class DatabaseSettings(Strict):
    password: SecretStr = SecretStr("")
    """Becomes part of `url`, so that it may come from a file."""
    url: str = "sqlite+aiosqlite:///ringdesk.db"

    @field_validator("url")
    @classmethod
    def _is_one_of_ours(cls, url: str, info: ValidationInfo) -> str:
        if not url.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
            raise ValueError('should begin with "sqlite+aiosqlite:///" or "postgresql+asyncpg://"')
        password: SecretStr = info.data.get("password", SecretStr(""))
        return _with_password(url, password.get_secret_value())


class OfficeSettings(Strict):
    timezone: str = "Europe/Moscow"
    country: str = "RU"
    language: Literal["ru", "en", "uk"] = "ru"
    working_hours: str = "Mon-Fri 09:00-18:00"

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError('should be a time zone such as "Europe/Moscow"')
        return name

    @field_validator("country")
    @classmethod
    def _is_a_country(cls, country: str) -> str:
        if country.upper() not in SUPPORTED_REGIONS:
            raise ValueError('should be a two-letter country code such as "RU"')
        return country.upper()

    @field_validator("working_hours")
    @classmethod
    def _are_hours(cls, text: str) -> str:
        WorkingHours.parse(text)
        return text


class Retention(Strict):
    calls_days: int = Field(default=365, ge=1)
    raw_days: int = Field(default=30, ge=1)


class Log(Strict):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Settings(Strict):
    """The whole configuration."""

    telegram: Telegram
    http: Http = Http()
    database: DatabaseSettings = DatabaseSettings()
    office: OfficeSettings = OfficeSettings()
    retention: Retention = Retention()
    log: Log = Log()
    pbx: tuple[PbxConfig, ...]

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        if self.telegram.mode == "webhook" and not self.http.public_url:
            raise ValueError("http.public_url: is needed when telegram.mode is webhook")
        ids = [one.id for one in self.pbx]
        if len(set(ids)) != len(ids):
            raise ValueError("pbx: every [[pbx]] needs an id of its own")
        return self


def load(path: Path, environ: Mapping[str, str] | None = None, say: Words = ENGLISH) -> Settings:
    """Read and check. Raises `BadSettings` with one line that names the key, the file and what is allowed."""
    environ = os.environ if environ is None else environ
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadSettings(say("{file}: there is no such file; `ringdesk init` writes it", file=path)) from None
    except (OSError, UnicodeDecodeError) as broken:
        raise BadSettings(say("{file}: can't be read ({reason})", file=path, reason=type(broken).__name__)) from None
    except tomllib.TOMLDecodeError as broken:
        raise BadSettings(say("{file}: is no TOML: {reason}", file=path, reason=broken)) from None
    return checked(_with_environment(written, environ, path, say), path, say)


def checked(written: Mapping[str, Any], path: Path, say: Words = ENGLISH) -> Settings:
    """`written` as settings. Raises `BadSettings`."""
    entries = written.get("pbx")
    troubles: list[str] = []
    if isinstance(entries, list) and entries:
        read = [_pbx(entry, number, path, troubles, say) for number, entry in enumerate(entries, start=1)]
        given = {**written, "pbx": tuple(one for one in read if one)}
    else:
        troubles.append(say("{file}: pbx needs at least one [[pbx]] section", file=path))
        given = {**written, "pbx": ()}
    try:
        settings = Settings.model_validate(given)
    except ValidationError as bad:
        troubles += [_line(error, path, say) for error in bad.errors(include_input=False, include_url=False)]
    if troubles:
        raise BadSettings("\n".join(troubles))
    return settings


def _pbx(entry: Any, number: int, path: Path, troubles: list[str], say: Words) -> PbxConfig | None:
    """One `[[pbx]]` as its vendor's configuration; what is wrong goes into `troubles`."""
    named = f"pbx.{entry.get('id', number)}" if isinstance(entry, dict) else f"pbx.{number}"
    vendor = entry.get("vendor") if isinstance(entry, dict) else None
    if not isinstance(vendor, str) or vendor not in VENDORS:
        which = say("{key} should be one of {known}", key=f"{named}.vendor", known=", ".join(VENDORS))
        troubles.append(f"{path}: {which}")
        return None
    try:
        return VENDORS[vendor].config.model_validate(entry)
    except ValidationError as bad:
        troubles.extend(
            _line(error, path, say, named) for error in bad.errors(include_input=False, include_url=False)
        )
        return None


def _said(error: Any, say: Words) -> str:
    """What to do, as far as we have words for it; the rest is said as pydantic or a check of ours says it."""
    match error["type"]:
        case "missing":
            return say("is missing")
        case "extra_forbidden":
            return say("is not a key we know; see docs/settings.md")
        case "literal_error":
            return say("Input should be {expected}", expected=error["ctx"]["expected"])
    said = str(error["msg"]).removeprefix("Value error, ")
    example = said.removeprefix("should look like ")
    return said if said == example else say("should look like {example}", example=example)


def _line(error: Any, path: Path, say: Words, section: str = "") -> str:
    key = ".".join(str(part) for part in (section, *error["loc"]) if part != "")
    said = _said(error, say)
    if not key:
        return f"{path}: {said}"
    about_a_whole_section = error["type"] == "value_error" and len(error["loc"]) == (0 if section else 1)
    if about_a_whole_section:  # then what is said begins with the key that is meant
        return f"{path}: {key}.{said}"
    named_twice = f"{key.rpartition('.')[2]} "
    return f"{path}: {key} {said.removeprefix(named_twice)}"


def _with_environment(written: dict[str, Any], environ: Mapping[str, str], path: Path, say: Words) -> dict[str, Any]:
    """The file's values with the environment's on top. A name without a meaning is an error, as in the file."""
    merged: dict[str, Any] = {
        name: dict(value) if isinstance(value, dict) else value for name, value in written.items()
    }
    entries = merged.get("pbx", [])
    if isinstance(entries, list) and all(isinstance(one, dict) for one in entries):
        merged["pbx"] = entries = [dict(one) for one in entries]
    else:  # is refused as it stands
        entries = []
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name.removeprefix(PREFIX).count("__") == 0:
            continue
        section, *rest = name.removeprefix(PREFIX).lower().split("__")
        if section == "pbx" and len(rest) == 2:
            _put(_entry(entries, rest[0]), rest[1], value)
        elif section in SECTIONS and len(rest) == 1:
            _put(merged.setdefault(section, {}), rest[0], value)
        else:
            raise BadSettings(say("environment: {name} names no key of {file}", name=name, file=path.name))
    return merged


def _entry(entries: list[dict[str, Any]], pbx_id: str) -> dict[str, Any]:
    """The environment can't hold a dash: `RINGDESK_PBX__HEAD_OFFICE__KEY` means `head-office` too."""
    found = [one for one in entries if str(one.get("id", "")).replace("-", "_").lower() == pbx_id]
    if not found:
        entries.append({"id": pbx_id.replace("_", "-")})
    return found[0] if found else entries[-1]


def _put(section: Any, key: str, value: str) -> None:
    """A secret and the file that holds it take each other's place."""
    if isinstance(section, dict):
        section.pop(key.removesuffix("_file") if key.endswith("_file") else f"{key}_file", None)
        section[key] = _listed(value) if key in ("webhook_networks", "recording_hosts") else value
