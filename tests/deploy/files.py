"""The files of `docs/deploy`, as a test wants them."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"

TOKEN = "123456:AAtokenOfTheTestsAndOfNobodyElse"
#: What stands in the secret files.
SECRETS = {
    "telegram_token": TOKEN,
    "pbx_key": "the-api-key",
    "pbx_webhook_token": "the-webhook-token",
    "database_password": "p@ss/word:1",
}


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text(name)))


def need(program: str) -> str:
    """Where a program is; the test is skipped, and says so, where it is not."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not on this machine")
    return found
