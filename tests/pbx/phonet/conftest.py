"""An account per test, and retries that do not wait."""

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from pbx.phone_system import PhoneSystem
from pbx.phonet.client import PhonetClient
from tests.pbx.phonet.phonet_account import Account


@pytest.fixture(autouse=True)
def _retry_at_once() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
async def client(account: Account) -> AsyncIterator[PhonetClient]:
    async with account.client() as client:
        yield client


@pytest.fixture
async def phonet(account: Account) -> AsyncIterator[PhoneSystem]:
    phonet = account.phonet()
    yield phonet
    await phonet.close()
