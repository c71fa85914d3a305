"""Lists go on until a page is not full: 50 calls, 60 contacts."""

from datetime import UTC, datetime

import httpx
import pytest

from pbx.errors import Unavailable
from pbx.phonet.client import PhonetClient
from tests.pbx.phonet.phonet_account import Account, said

COMPANY = "/rest/calls/company.api"
SINCE, UNTIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)


def listing(count: int) -> list[dict[str, str]]:
    return [{"uuid": f"u{number}"} for number in range(count)]


def a_page_of(rows: list[dict[str, str]], request: httpx.Request) -> httpx.Response:
    offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
    return said(rows[offset : offset + limit])


@pytest.mark.parametrize(
    ("count", "offsets"), [(0, ["0"]), (49, ["0"]), (50, ["0", "50"]), (120, ["0", "50", "100"])]
)
async def test_calls_are_read_until_a_page_is_not_full(
    account: Account, client: PhonetClient, count: int, offsets: list[str]
) -> None:
    rows = listing(count)
    account.will(f"GET {COMPANY}", lambda request: a_page_of(rows, request))
    read = [row.uuid async for row in client.company_calls(SINCE, UNTIL)]
    assert read == [row["uuid"] for row in rows]
    assert [request.url.params["offset"] for request in account.requests(COMPANY)] == offsets
    assert {request.url.params["limit"] for request in account.requests(COMPANY)} == {"50"}


async def test_contacts_are_read_by_sixties(account: Account, client: PhonetClient) -> None:
    path = "/rest/crm/contacts/v2/searchByOLNum"
    rows = [{"id": str(number)} for number in range(61)]
    account.will(f"GET {path}", lambda request: a_page_of(rows, request))
    assert len([contact async for contact in client.contacts_by_number("+380440000000")]) == 61
    assert [request.url.params["offset"] for request in account.requests(path)] == ["0", "60"]


async def test_an_offset_that_is_not_heeded_does_not_go_round_for_ever(
    account: Account, client: PhonetClient
) -> None:
    account.will(f"GET {COMPANY}", said(listing(50)))
    assert len([row async for row in client.company_calls(SINCE, UNTIL)]) == 50


async def test_null_is_an_empty_list(account: Account, client: PhonetClient) -> None:
    account.will(f"GET {COMPANY}", said(None))
    assert [row async for row in client.company_calls(SINCE, UNTIL)] == []


async def test_a_session_lost_between_two_pages_loses_no_row(account: Account, client: PhonetClient) -> None:
    rows = listing(60)
    account.will(f"GET {COMPANY}", lambda request: a_page_of(rows, request))
    read = []
    async for row in client.company_calls(SINCE, UNTIL):
        read.append(row.uuid)
        account.forget(1)
    assert read == [row["uuid"] for row in rows]


async def test_a_page_that_stays_away_is_an_error_and_not_an_end(account: Account, client: PhonetClient) -> None:
    account.will(f"GET {COMPANY}", said(listing(50)), httpx.Response(503))
    with pytest.raises(Unavailable):
        [row async for row in client.company_calls(SINCE, UNTIL)]
