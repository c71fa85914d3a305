"""The configuration of a VATS reached by its REST API."""

from typing import Literal

from pydantic import SecretStr, ValidationInfo, field_validator

from pbx.config import PbxConfig, required_secret

API_PATH = "/crmapi/v1"


class VatsRestConfig(PbxConfig):
    """`dnd_state` defaults to the manual's literal reading: `state: true` means that calls are received."""

    vendor: Literal["vats_rest"]
    key: SecretStr
    webhook_token: SecretStr

    @field_validator("key", "webhook_token", mode="after")
    @classmethod
    def _is_not_empty(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        required_secret(secret, info.field_name or "")
        return secret

    @property
    def api_url(self) -> str:
        return self.base_url(API_PATH)
