"""An account per test, and retries that do not wait."""

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from pbx.vats_form.client import VatsFormClient
from pbx.vats_form.phone_system import VatsForm
from tests.pbx.vats_form.vats_account import Account


@pytest.fixture(autouse=True)
def _retry_at_once() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
async def client(account: Account) -> AsyncIterator[VatsFormClient]:
    client = account.client()
    yield client
    await client.close()


@pytest.fixture
async def vats(account: Account) -> AsyncIterator[VatsForm]:
    vats = account.vats()
    yield vats
    await vats.close()
