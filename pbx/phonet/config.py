"""What a `[[pbx]]` entry with `vendor = "phonet"` says."""

from ipaddress import ip_network
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from pbx.config import Network, PbxConfig, required_secret

#: The addresses that Phonet's manual prints, section "Авторизация АТС Phonet в Вашей CRM системе".
PHONET_NETWORKS: tuple[Network, ...] = tuple(
    ip_network(address)
    for address in (
        "89.184.65.208",
        "89.184.82.130",
        "89.184.67.228",
        "89.184.82.191",
        "89.184.65.137",
        "95.213.132.131",
    )
)


class PhonetConfig(PbxConfig):
    """One Phonet account. The host of `url` is the `domain` it is authorised for."""

    vendor: Literal["phonet"]
    key: SecretStr
    webhook_token: SecretStr = SecretStr("")
    """The secret part of the webhook's path; empty: the source address alone is asked for."""
    webhook_networks: tuple[Network, ...] = Field(default=PHONET_NETWORKS)
    """Where Phonet calls us from. An empty list means the manual's own, never "from anywhere"."""

    @field_validator("key")
    @classmethod
    def _has_a_key(cls, key: SecretStr) -> SecretStr:
        required_secret(key, "key")
        return key

    @field_validator("webhook_networks")
    @classmethod
    def _from_somewhere(cls, networks: tuple[Network, ...]) -> tuple[Network, ...]:
        return networks or PHONET_NETWORKS
