"""The source address always, the secret in the path where one is set; and what the configuration accepts."""

import ipaddress
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pbx.errors import NotAuthentic
from pbx.phone_system import WebhookRequest
from tests.pbx.phonet.phonet_account import KEY, Account, body, config

#: As the manual prints them, in both of its filters.
THEIRS = ["89.184.65.208", "89.184.82.130", "89.184.67.228", "89.184.82.191", "89.184.65.137", "95.213.132.131"]
SECRET = "s3cret-part-of-the-path"


def request(remote: str, secret: str | None = None) -> WebhookRequest:
    return WebhookRequest(headers={}, body=body("settings"), secret=secret, remote=remote)


@pytest.mark.parametrize("remote", [*THEIRS, "::ffff:89.184.65.208"])
def test_the_manual_s_addresses_are_believed(account: Account, remote: str) -> None:
    account.phonet().verify(request(remote))


@pytest.mark.parametrize("remote", ["89.184.65.209", "127.0.0.1", "::1", "", "unknown", "89.184.65.208, 10.0.0.1"])
def test_a_foreign_address_is_not(account: Account, remote: str) -> None:
    with pytest.raises(NotAuthentic):
        account.phonet().verify(request(remote))


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", "ключ", "\ud800"])
def test_with_a_token_the_right_address_is_not_enough(account: Account, secret: str | None) -> None:
    phonet = account.phonet(webhook_token=SECRET)
    with pytest.raises(NotAuthentic) as refused:
        phonet.verify(request(THEIRS[0], secret))
    assert SECRET not in repr(refused.value)


def test_with_a_token_the_secret_path_is_let_in(account: Account) -> None:
    account.phonet(webhook_token=SECRET).verify(request(THEIRS[0], SECRET))


def test_without_a_token_the_address_is_enough_whatever_the_path(account: Account) -> None:
    account.phonet().verify(request(THEIRS[0], "something"))


def test_with_a_token_the_right_secret_from_elsewhere_is_not_enough(account: Account) -> None:
    with pytest.raises(NotAuthentic):
        account.phonet(webhook_token=SECRET).verify(request("203.0.113.5", SECRET))


def test_configured_networks_take_the_place_of_the_manual_s(account: Account) -> None:
    phonet = account.phonet(webhook_networks=["10.1.0.0/16"])
    phonet.verify(request("10.1.2.3"))
    with pytest.raises(NotAuthentic):
        phonet.verify(request(THEIRS[0]))


def test_an_empty_list_of_networks_means_the_manual_s_and_never_everybody() -> None:
    assert config(webhook_networks=[]).webhook_networks == tuple(ipaddress.ip_network(one) for one in THEIRS)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"key": " "}, "key is empty"),
        ({"url": "test4.phonet.com.ua"}, "should look like"),
        ({"webhook_networks": ["89.184.65"]}, "webhook_networks"),
        ({"poll_seconds": 1}, "poll_seconds"),
        ({"vendor": "t2"}, "vendor"),
    ],
)
def test_a_bad_configuration_names_the_key_and_tells_no_secret(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said) as wrong:
        config(**changed)
    assert KEY not in str(wrong.value)


def test_secrets_may_come_from_files_and_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    read = config(key="", key_file=str(tmp_path / "key"), webhook_token=SECRET)
    assert read.key.get_secret_value() == KEY
    assert KEY not in repr(read)
    assert SECRET not in repr(read)
