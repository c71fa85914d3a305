"""The token pair: what is kept, when it is replaced, and that it is never lost or used up twice."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from pbx.errors import AuthFailed, BadPayload, Rejected, Unavailable
from pbx.phone_system import PhoneSystem, RotatingTokens
from pbx.t2.phone_system import T2
from pbx.t2.refusals import Refusal, TokenRefused
from pbx.t2.tokens import NAME, TokenPair, TokenStore
from pbx.t2.wire import Tokens
from tests.pbx.t2.t2_account import (
    ACCESS,
    ALREADY_UPDATED,
    BAD,
    HEADER_MISSING,
    NOW,
    REFRESH,
    WRONG_TYPE,
    Account,
    Kept,
    forbidden,
    said,
)

REFRESHING = "PUT /authorization/refresh/token"


def stored(account: Account) -> TokenPair | None:
    return TokenPair.from_json(account.kept.values.get(NAME))


def tokens_used(account: Account) -> list[str]:
    return [request.headers["Authorization"] for request in account.asked]


async def test_t2_is_a_phone_system_with_tokens_that_rotate(t2: T2) -> None:
    phone_system: PhoneSystem = t2
    rotating: RotatingTokens = t2
    assert phone_system.vendor == "t2"
    assert (rotating.token_expiry, rotating.refresh_due) == (None, None)


async def test_the_token_goes_raw_without_bearer(account: Account, t2: T2) -> None:
    await t2.employees()
    assert account.asked[0].headers["Authorization"] == ACCESS


async def test_a_refresh_saves_the_new_pair_before_its_first_use(account: Account, t2: T2) -> None:
    await t2.refresh_tokens()
    await t2.employees()
    assert account.kept.log == [f"used {REFRESH}", "saved", "used access-1"]
    pair = stored(account)
    assert pair is not None
    assert (pair.access, pair.refresh, pair.obtained_at) == ("access-1", "refresh-1", NOW)


async def test_a_restart_goes_on_with_the_stored_pair(account: Account, t2: T2) -> None:
    await t2.refresh_tokens()
    again = account.t2()
    await again.employees()
    await again.refresh_tokens()
    assert tokens_used(account) == [REFRESH, "access-1", "refresh-1"]
    await again.close()


async def test_a_pair_changed_in_the_configuration_beats_the_stored_one(account: Account, t2: T2) -> None:
    await t2.refresh_tokens()
    account.access, account.refresh = "new-access", "new-refresh"
    changed = account.t2(access_token="new-access", refresh_token="new-refresh")
    await changed.employees()
    assert tokens_used(account)[-1] == "new-access"
    await changed.refresh_tokens()
    again = account.t2(access_token="new-access", refresh_token="new-refresh")
    await again.employees()
    assert tokens_used(account)[-2:] == ["new-refresh", "access-2"]
    await changed.close()
    await again.close()


@pytest.mark.parametrize("rubbish", ["", "{}", "no JSON", '{"access": "a"}', "[1]"])
async def test_a_stored_value_that_can_t_be_read_is_no_pair(account: Account, t2: T2, rubbish: str) -> None:
    account.kept.values[NAME] = rubbish
    await t2.employees()
    assert tokens_used(account) == [ACCESS]


async def test_a_refresh_is_due_half_a_day_ahead_and_access_ends_after_seven(account: Account, t2: T2) -> None:
    await t2.employees()
    assert t2.refresh_due == NOW + timedelta(hours=12)
    account.now += timedelta(hours=12)
    await t2.refresh_tokens()
    assert t2.refresh_due == NOW + timedelta(hours=24)
    assert t2.token_expiry == NOW + timedelta(hours=12, days=7)


async def test_a_pasted_token_says_itself_when_it_ends(account: Account) -> None:
    def token(ends: datetime) -> str:
        claims = json.dumps({"sub": "ACCESS_OPENAPI_TOKEN", "exp": int(ends.timestamp())}).encode()
        return f"head.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.signature"

    access, refresh = token(NOW + timedelta(hours=4)), token(NOW + timedelta(days=6))
    t2 = account.t2(access_token=access, refresh_token=refresh)
    await t2.employees()
    assert t2.refresh_due == NOW + timedelta(hours=2)
    assert t2.token_expiry == NOW + timedelta(days=6)
    await t2.close()


async def test_an_expired_access_token_is_refreshed_once_and_the_request_repeated(account: Account, t2: T2) -> None:
    account.expire(ACCESS)
    account.will("POST /call/outgoing", httpx.Response(200))
    await t2.client.outgoing_call(destination="79533933557", source="79026840778")
    assert tokens_used(account) == [ACCESS, REFRESH, "access-1"]
    assert account.asked[2].url == account.asked[0].url
    assert stored(account) is not None


async def test_a_token_that_stays_expired_is_not_refreshed_for_ever(account: Account, t2: T2) -> None:
    account.expire(ACCESS, "access-1")
    with pytest.raises(TokenRefused) as caught:
        await t2.employees()
    assert caught.value.why is Refusal.EXPIRED
    assert tokens_used(account) == [ACCESS, REFRESH, "access-1"]


async def test_many_at_once_refresh_once(account: Account, t2: T2) -> None:
    account.expire(ACCESS)
    await asyncio.gather(*(t2.client.employees() for _ in range(8)), t2.refresh_tokens())
    assert account.refreshes == 1


async def test_what_another_process_refreshed_is_taken_over(account: Account, t2: T2) -> None:
    await t2.employees()
    leader = account.t2()
    await leader.refresh_tokens()
    await t2.client.employees()
    assert tokens_used(account)[-2:] == [ACCESS, "access-1"]
    assert account.refreshes == 1
    await leader.close()


async def test_a_new_leader_does_not_refresh_what_the_old_one_just_did(account: Account, t2: T2) -> None:
    await t2.employees()
    leader = account.t2()
    await leader.refresh_tokens()
    await t2.refresh_tokens()
    await t2.client.employees()
    assert account.refreshes == 1
    assert tokens_used(account)[-1] == "access-1"
    await leader.close()


async def test_a_quicker_process_may_be_between_the_reply_and_the_disk() -> None:
    kept = Kept()
    theirs = TokenStore(("a", "r"), keeper=kept, clock=lambda: NOW, renew=_gives("a1", "r1"))

    async def too_late(_: str) -> Tokens:
        raise TokenRefused("PUT", Refusal.ALREADY_UPDATED)

    pauses = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await theirs.refresh()

    ours = TokenStore(("a", "r"), keeper=kept, clock=lambda: NOW, renew=too_late, pause=pause)
    pair = await ours.refresh()
    assert (pair.access, (await ours.current()).access, len(pauses)) == ("a1", "a1", 1)


async def test_a_dead_pair_says_the_steps_to_renew_it(account: Account) -> None:
    async def pause(_: float) -> None:
        pass

    async def dead(_: str) -> Tokens:
        raise TokenRefused("PUT /authorization/refresh/token", Refusal.ALREADY_UPDATED)

    store = TokenStore((ACCESS, REFRESH), keeper=account.kept, clock=lambda: NOW, renew=dead, pause=pause)
    with pytest.raises(AuthFailed, match=r"«Токен API».*«Сгенерировать токен».*access_token and refresh_token"):
        await store.refresh()


async def test_a_pair_that_can_t_be_saved_is_not_used_until_it_is(account: Account, t2: T2) -> None:
    account.kept.broken = True
    for _ in range(2):
        with pytest.raises(OSError, match="disk"):
            await t2.refresh_tokens()
    assert tokens_used(account) == [REFRESH]
    account.kept.broken = False
    await t2.employees()
    assert tokens_used(account) == [REFRESH, "access-1"]
    assert account.kept.log == [f"used {REFRESH}", "saved", "used access-1"]


async def test_a_shutdown_between_the_reply_and_the_disk_loses_no_pair(account: Account, t2: T2) -> None:
    account.kept.gate = asyncio.Event()
    refreshing = asyncio.create_task(t2.refresh_tokens())
    await account.kept.saving.wait()
    refreshing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await refreshing
    closing = asyncio.create_task(t2.close())
    account.kept.gate.set()
    await closing
    pair = stored(account)
    assert pair is not None
    assert pair.access == "access-1"


@pytest.mark.parametrize(
    "reply", [httpx.Response(503), httpx.Response(200, content=b"<html>"), said({"accessToken": "secret-a"})]
)
async def test_a_refresh_is_never_repeated_by_itself(account: Account, t2: T2, reply: httpx.Response) -> None:
    account.will(REFRESHING, reply)
    with pytest.raises((Unavailable, BadPayload)) as caught:
        await t2.refresh_tokens()
    assert len(account.asked) == 1
    assert stored(account) is None
    assert "secret" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"


@pytest.mark.parametrize(
    ("details", "why", "told"),
    [
        (HEADER_MISSING, Refusal.NO_HEADER, "drops the Authorization header"),
        (ALREADY_UPDATED, Refusal.ALREADY_UPDATED, "Сгенерировать токен"),
        (BAD, Refusal.BAD, "not copied whole"),
        (WRONG_TYPE, Refusal.WRONG_TYPE, "swap them"),
        ("Something new", Refusal.UNKNOWN, "403"),
    ],
)
async def test_a_403_says_which_case_it_is(account: Account, t2: T2, details: str, why: Refusal, told: str) -> None:
    account.will("GET /employees", forbidden(details))
    with pytest.raises(TokenRefused, match=told) as caught:
        await t2.employees()
    assert (caught.value.why, caught.value.status) == (why, 403)
    assert len(account.asked) == 1


async def test_an_expired_refresh_token_says_the_steps_to_renew_it(account: Account, t2: T2) -> None:
    account.expire(ACCESS, REFRESH)
    with pytest.raises(AuthFailed, match=r"expired.*Сгенерировать токен"):
        await t2.employees()


async def test_tokens_show_in_no_repr_and_no_error(account: Account, t2: T2) -> None:
    account.will("GET /employees", forbidden(BAD))
    with pytest.raises(AuthFailed) as caught:
        await t2.employees()
    pair = TokenPair(ACCESS, REFRESH, datetime(2023, 8, 28, tzinfo=UTC), "print")
    reply = Tokens(access_token=ACCESS, refresh_token=REFRESH)
    shown = f"{caught.value!r} {caught.value} {pair} {reply} {t2.client.tokens.known}"
    assert ACCESS not in shown
    assert REFRESH not in shown


def _gives(access: str, refresh: str) -> Callable[[str], Awaitable[Tokens]]:
    async def renew(_: str) -> Tokens:
        return Tokens(access_token=access, refresh_token=refresh)

    return renew


async def test_an_error_that_repeats_a_long_token_tells_no_part_of_it(account: Account) -> None:
    t2 = account.t2(access_token="A" * 300)
    account.will("GET /employees", said({"message": "the token " + "A" * 300 + " is odd"}, 400))
    with pytest.raises(Rejected) as caught:
        await t2.employees()
    assert caught.value.reason == "the token … is odd"
    await t2.close()
