"""The pair of tokens: how it is replaced, how long it lasts, and what each refusal says."""

import base64
import json
from datetime import timedelta

import aiohttp
import httpx
import pytest

from sandbox.t2 import T2Office, demo_office, new_pair
from tests.sandbox.t2.program import ACCESS, NOON, REFRESH, Api, Clock

PATH = "/authorization/refresh/token"


def forbidden(details: str) -> dict[str, str]:
    return {"details": details, "message": "Forbidden"}


def claims(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


async def test_a_refresh_replaces_both_tokens(pbx: T2Office, api: Api) -> None:
    pair = await api("PUT", PATH, token=REFRESH)
    assert (pair["accessToken"], pair["refreshToken"]) == (pbx.tokens.current.access, pbx.tokens.current.refresh)
    assert await api("GET", "/employees", token=pair["accessToken"])
    updated = forbidden("The token has already been updated")
    assert await api("GET", "/employees", token=ACCESS, status=403) == updated
    assert await api("PUT", PATH, token=REFRESH, status=403) == updated
    assert (await api("PUT", PATH, token=pair["refreshToken"])).keys() == {"accessToken", "refreshToken"}


async def test_tokens_look_like_jwt_and_carry_their_end(api: Api) -> None:
    pair = await api("PUT", PATH, token=REFRESH)
    access, refresh = claims(pair["accessToken"]), claims(pair["refreshToken"])
    assert (access["sub"], access["exp"]) == ("ACCESS_OPENAPI_TOKEN", (NOON + timedelta(days=1)).timestamp())
    assert (refresh["sub"], refresh["exp"]) == ("REFRESH_OPENAPI_TOKEN", (NOON + timedelta(days=7)).timestamp())


@pytest.mark.parametrize(
    ("method", "path", "token", "details"),
    [
        ("GET", "/employees", "", "Authorization header required"),
        ("GET", "/employees", f"Bearer {ACCESS}", "Bad token"),
        ("GET", "/employees", REFRESH, "Invalid token type"),
        ("PUT", PATH, ACCESS, "Invalid token type"),
    ],
)
async def test_each_refusal_says_which_case_it_is(api: Api, method: str, path: str, token: str, details: str) -> None:
    assert await api(method, path, token=token, status=403) == forbidden(details)


async def test_an_access_token_lasts_a_day_and_a_refresh_token_a_week(api: Api, clock: Clock) -> None:
    clock.at = NOON + timedelta(days=1, seconds=-1)
    await api("GET", "/employees")
    clock.at = NOON + timedelta(days=1)
    assert await api("GET", "/employees", status=403) == forbidden("The token is expired")
    clock.at = NOON + timedelta(days=7)
    assert await api("PUT", PATH, token=REFRESH, status=403) == forbidden("The token is expired")


async def test_a_refresh_shortly_before_the_end_starts_both_lives_anew(api: Api, clock: Clock) -> None:
    clock.at = NOON + timedelta(days=7, seconds=-1)
    pair = await api("PUT", PATH, token=REFRESH)
    clock.at = NOON + timedelta(days=14, seconds=-2)
    await api("PUT", PATH, token=pair["refreshToken"])


async def test_a_lost_reply_locks_the_company_out_until_somebody_generates_tokens(pbx: T2Office) -> None:
    pbx.lose_refresh_reply = True
    # Not by aiohttp's client, which asks again by itself when the connection breaks.
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.TransportError):
            await client.put(f"{pbx.url}/crm/openapi{PATH}", headers={"Authorization": REFRESH})
    pbx.lose_refresh_reply = False
    async with aiohttp.ClientSession() as session:
        api = Api(session, pbx.url)
        locked = await api("PUT", PATH, token=REFRESH, status=403)
        assert locked == forbidden("The token has already been updated")
        api.token = pbx.generate_tokens().access
        await api("GET", "/employees")


async def test_a_handed_in_pair_that_looks_like_jwt_ends_when_it_says(clock: Clock) -> None:
    old = new_pair(NOON - timedelta(days=2))
    async with (
        T2Office(demo_office(), access_token=old.access, refresh_token=old.refresh, now=clock.now) as pbx,
        aiohttp.ClientSession() as session,
    ):
        api = Api(session, pbx.url)
        assert await api("GET", "/employees", token=old.access, status=403) == forbidden("The token is expired")
        await api("PUT", PATH, token=old.refresh)
