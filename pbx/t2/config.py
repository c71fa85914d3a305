"""What a `[[pbx]]` entry with `vendor = "t2"` may say."""

import re
from typing import Any, Literal

from pydantic import SecretStr, model_validator

from pbx.config import PbxConfig, required_secret

API_PATH = "/crm/openapi"

#: What somebody may copy here from another vendor's entry, and what to do instead.
NOT_HERE = {
    "key": "t2 has no key: put the token pair into access_token and refresh_token",
    "key_file": "t2 has no key: put the token pair into access_token_file and refresh_token_file",
}


class T2Config(PbxConfig):
    """One account of the Corporate PBX."""

    vendor: Literal["t2"]
    url: str = "https://ats2.t2.ru"
    access_token: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")

    @model_validator(mode="before")
    @classmethod
    def _nothing_of_other_vendors(cls, data: Any) -> Any:
        for name in NOT_HERE.keys() & (data.keys() if isinstance(data, dict) else ()):
            raise ValueError(NOT_HERE[name])
        return data

    @model_validator(mode="after")
    def _both_tokens(self) -> "T2Config":
        for name, token in (("access_token", self.access_token), ("refresh_token", self.refresh_token)):
            required_secret(token, name)
            if not re.fullmatch(r"[!-~]+", token.get_secret_value()):
                raise ValueError(f"{name} holds blanks or letters that no token has; copy it anew from the cabinet")
        if self.access_token == self.refresh_token:
            raise ValueError("access_token and refresh_token are the same; the cabinet shows two, copy each")
        return self

    @property
    def api_url(self) -> str:
        return self.base_url(API_PATH)
