"""What a person does in each PBX's cabinet, in short; the whole of it is in the vendor's SETUP.md."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from bot.registry import VENDORS
from bot.words import Words


@dataclass(frozen=True, slots=True)
class Cabinet:
    """One vendor's."""

    label: str
    """What tells it from the others, in no language."""
    example: str
    """An address of its form."""
    keys: Callable[[Words], Mapping[str, str]]
    """Each secret of the entry to where it is found."""
    steps: Callable[[Words, str, str], list[str]]
    """What to click and paste, given our address and our key."""
    url: str = ""
    timezone: str = "Europe/Moscow"
    country: str = "RU"


def _vats_keys(say: Words) -> Mapping[str, str]:
    return {"key": say("The PBX's key (cabinet: Integration, «Ключ для авторизации в АТС»)")}


def _vats_steps(say: Words, address: str, key: str) -> list[str]:
    return [
        say("Open the integration whose key you copied, and switch it on."),
        say("The CRM's address: {address}", address=address),
        say("The CRM's key (token, crm_token): {key}", key=key),
        say("Where you may choose, switch on call history, call events, contact card and ratings."),
    ]


def _phonet_keys(say: Words) -> Mapping[str, str]:
    return {"key": say("The API key (cabinet: Настройки → Интеграция → Интеграция с другой CRM системой)")}


def _phonet_steps(say: Words, address: str, key: str) -> list[str]:
    return [
        say("Настройки → Интеграции → Другие CRM системы (WebHook)."),
        say("Paste this into each field: {address}", address=f"{address}/{key}"),
    ]


def _t2_keys(say: Words) -> Mapping[str, str]:
    return {
        "access_token": say("The first token (cabinet: the company's name → Токен API → Сгенерировать токен)"),
        "refresh_token": say("The second token, beside the first"),
    }


def _t2_steps(say: Words, address: str, key: str) -> list[str]:
    return [say("Nothing to paste: t2 is asked by us. Don't generate tokens again, that kills these.")]


CABINETS = {
    "vats_rest": Cabinet("VATS, REST API (crmapi/v1)", "https://example.megapbx.ru", _vats_keys, _vats_steps),
    "vats_form": Cabinet("VATS, form API (crm_api.wcgp)", "https://example.megapbx.ru", _vats_keys, _vats_steps),
    "phonet": Cabinet(
        "Phonet", "https://example.phonet.com.ua", _phonet_keys, _phonet_steps, timezone="Europe/Kyiv", country="UA"
    ),
    "t2": Cabinet("t2, Corporate PBX", "https://ats2.t2.ru", _t2_keys, _t2_steps, url="https://ats2.t2.ru"),
}


def guide(vendor: str, language: str) -> str:
    """The page that tells the whole of it."""
    return f"pbx/{vendor}/SETUP.md" if language == "en" else f"docs/operators/{language}/phone-systems.md"


def secrets(vendor: str) -> list[str]:
    """What has to be copied from the cabinet: every secret of the entry but the one we make up ourselves."""
    fields = VENDORS[vendor].config.model_fields
    return [name for name, one in fields.items() if one.annotation is SecretStr and name != "webhook_token"]
