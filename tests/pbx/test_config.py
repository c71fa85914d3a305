"""What every `[[pbx]]` entry may say."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from pbx.config import PbxConfig, TimezoneName

ENTRY = {"id": "main", "vendor": "example", "url": "https://example.megapbx.ru"}


class ExampleConfig(PbxConfig):
    key: SecretStr
    history_timezone: TimezoneName = "UTC"


def config(**changes: Any) -> ExampleConfig:
    return ExampleConfig.model_validate({**ENTRY, "key": "sesame", **changes})


def complaint(**changes: Any) -> str:
    with pytest.raises(ValidationError) as refusal:
        config(**changes)
    assert "sesame" not in str(refusal.value)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://example.megapbx.ru", "https://example.megapbx.ru/crmapi/v1"),
        ("https://example.megapbx.ru/", "https://example.megapbx.ru/crmapi/v1"),
        ("https://example.megapbx.ru/crmapi/v1/", "https://example.megapbx.ru/crmapi/v1"),
        (" http://127.0.0.1:8081/office ", "http://127.0.0.1:8081/office/crmapi/v1"),
    ],
)
def test_the_url_may_end_in_the_api_s_own_path(url: str, asked: str) -> None:
    assert config(url=url).base_url("/crmapi/v1") == asked


@pytest.mark.parametrize(
    "url", ["", "example.megapbx.ru", "ftp://example.com", "https://", "https://a.example/?key=1"]
)
def test_an_address_that_is_none_is_refused_with_an_example(url: str) -> None:
    assert "https://example.megapbx.ru" in complaint(url=url)


@pytest.mark.parametrize("id", ["", "Main", "a b", "главный", "a" * 41])
def test_an_id_is_fit_for_a_url(id: str) -> None:
    assert "id" in complaint(id=id)


@pytest.mark.parametrize("country", ["RUS", "7", "R1"])
def test_a_country_has_two_letters(country: str) -> None:
    assert '"RU"' in complaint(country=country)


def test_a_country_is_kept_in_capitals_and_may_be_left_to_the_office() -> None:
    assert (config(country="ua").country, config().country) == ("UA", "")


@pytest.mark.parametrize("proxy", ["10.0.0.1:3128", "ftp://10.0.0.1", "socks5://"])
def test_a_proxy_that_is_none_is_refused_with_an_example(proxy: str) -> None:
    assert "http://10.0.0.1:3128" in complaint(proxy=proxy)


@pytest.mark.parametrize("proxy", ["", "http://desk:pw@10.0.0.1:3128", "socks5://10.0.0.1:1080"])
def test_a_proxy_is_one_that_the_library_can_use(proxy: str) -> None:
    httpx.AsyncClient(proxy=config(proxy=proxy).proxy or None)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "Europe", "../etc/passwd", "MSK+3"])
def test_a_time_zone_that_is_none_is_refused_with_an_example(zone: str) -> None:
    assert "Europe/Moscow" in complaint(history_timezone=zone)


def test_unknown_keys_and_values_are_named() -> None:
    assert "colour" in complaint(colour="red")
    assert "'receiving' or 'do_not_disturb'" in complaint(dnd_state="on")
    assert "reconcile_minutes" in complaint(reconcile_minutes=0)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("from the file\n", encoding="utf-8")
    read = ExampleConfig.model_validate({**ENTRY, "key_file": str(path)})
    assert read.key.get_secret_value() == "from the file"
    assert "keep one" in complaint(key_file=str(path))
    assert "can't be read (FileNotFoundError)" in complaint(key="", key_file=str(tmp_path / "missing"))


def test_a_secret_is_not_shown() -> None:
    assert "sesame" not in f"{config()!r} {config()} {config().model_dump()}"
