"""What every `[[pbx]]` entry of the configuration may say. A vendor's `config.py` builds on it."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from pbx.safe_download import Host

PbxId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]


def _network(text: Any) -> Any:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise ValueError('should be an address or a network such as "192.0.2.0/24"') from None


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


def _is_a_timezone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ValueError, KeyError, OSError):  # a bad name, an unknown one, a folder of the database
        raise ValueError('should be a time zone such as "Europe/Moscow" or "UTC"') from None


TimezoneName = Annotated[str, AfterValidator(_is_a_timezone)]


class Strict(BaseModel):
    """A part of the configuration: no unknown keys, and a secret may be given as `name_file` instead."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _secrets_from_files(cls, data: Any) -> Any:
        """`key_file = "/run/secrets/pbx"` for `key`. Trailing white space of the file does not count."""
        if not isinstance(data, dict):
            return data
        secrets = {
            name for name, field in cls.model_fields.items() if field.annotation in (SecretStr, SecretStr | None)
        }
        read = dict(data)
        for name in secrets & {key.removesuffix("_file") for key in data if key.endswith("_file")}:
            path = Path(read.pop(f"{name}_file"))
            if read.get(name):
                raise ValueError(f"{name} and {name}_file are both set; keep one")
            try:
                read[name] = path.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as broken:
                raise ValueError(f"{name}_file: {path} can't be read ({type(broken).__name__})") from None
        return read


class PbxConfig(Strict):
    """The keys of CONTRACT.md. Every vendor takes them all, so that an entry can be copied; what it has no use for,
    it leaves alone.
    """

    id: PbxId
    vendor: str
    url: str
    webhook_token: SecretStr = SecretStr("")
    webhook_networks: tuple[Network, ...] = ()
    """Where the PBX calls us from; empty: from anywhere, for vendors that prove themselves by a key."""
    dnd_state: Literal["receiving", "do_not_disturb"] = "receiving"
    """What the vendor's `state: true` means, see the vendor's SETUP.md."""
    history_timezone: TimezoneName = "UTC"
    poll_seconds: int = Field(default=20, ge=2, le=3600)
    proxy: str = ""
    country: str = ""
    recording_hosts: tuple[str, ...] = ()
    user_agent: str = ""
    reconcile_minutes: int = Field(default=8, ge=1, le=120)

    @field_validator("url")
    @classmethod
    def _is_an_http_address(cls, url: str) -> str:
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError('should look like "https://example.megapbx.ru", with an optional port and path')
        return url.strip().rstrip("/")

    @field_validator("proxy")
    @classmethod
    def _is_a_proxy(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https", "socks5", "socks5h") or not parts.hostname):
            raise ValueError('should look like "http://10.0.0.1:3128" or "socks5://10.0.0.1:1080"')
        return url

    @field_validator("recording_hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for text in hosts:
            Host.parse(text)
        return hosts

    @field_validator("country")
    @classmethod
    def _is_a_country(cls, country: str) -> str:
        if country and not (len(country) == 2 and country.isalpha()):
            raise ValueError('should be a two-letter country code such as "RU"')
        return country.upper()

    def base_url(self, api_path: str) -> str:
        """`url` with the API's own path at its end exactly once, whether it was written or left out."""
        return self.url.removesuffix(api_path) + api_path


def required_secret(secret: SecretStr, name: str) -> None:
    """Raise ValueError for an empty secret that the vendor can't do without."""
    if not secret.get_secret_value().strip():
        raise ValueError(f"{name} is empty")


__all__ = ["Network", "PbxConfig", "PbxId", "Strict", "TimezoneName", "required_secret"]
