"""An account per test, and retries that do not wait."""

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from pbx.t2.phone_system import T2
from tests.pbx.t2.t2_account import Account


@pytest.fixture(autouse=True)
def _retry_at_once() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
async def t2(account: Account) -> AsyncIterator[T2]:
    t2 = account.t2()
    yield t2
    await t2.close()
