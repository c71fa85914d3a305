"""An account per test, and retries that do not wait."""

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from pbx.vats_rest.client import VatsRestClient
from pbx.vats_rest.phone_system import VatsRest
from tests.pbx.vats_rest.vats_account import Account


@pytest.fixture(autouse=True)
def _retry_at_once() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
async def client(account: Account) -> AsyncIterator[VatsRestClient]:
    client = account.client()
    yield client
    await client.close()


@pytest.fixture
async def vats(account: Account) -> AsyncIterator[VatsRest]:
    vats = account.vats()
    yield vats
    await vats.close()
