"""The configuration of a VATS reached by its form API."""

from typing import Literal

from pydantic import SecretStr, ValidationInfo, field_validator

from pbx.config import PbxConfig, required_secret

API_PATH = "/sys/crm_api.wcgp"


class VatsFormConfig(PbxConfig):
    """`dnd_state` defaults to what this manual calls `get_dnd`'s answer: "DND state"."""

    vendor: Literal["vats_form"]
    key: SecretStr
    webhook_token: SecretStr
    dnd_state: Literal["receiving", "do_not_disturb"] = "do_not_disturb"

    @field_validator("key", "webhook_token", mode="after")
    @classmethod
    def _is_not_empty(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        required_secret(secret, info.field_name or "")
        return secret

    @property
    def api_url(self) -> str:
        return self.base_url(API_PATH)
