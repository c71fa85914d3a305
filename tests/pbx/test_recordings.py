"""What each vendor adds to the safe download of a recording: its key, and where it is put."""

import httpx
import pytest

from pbx.errors import AuthFailed
from pbx.phone_system import PhoneSystem
from pbx.t2.refusals import TokenRefused
from tests.pbx.phonet.phonet_account import Account as PhonetAccount
from tests.pbx.t2.t2_account import ACCESS
from tests.pbx.t2.t2_account import Account as T2Account
from tests.pbx.vats_form.vats_account import Account as VatsFormAccount
from tests.pbx.vats_rest.vats_account import KEY
from tests.pbx.vats_rest.vats_account import Account as VatsAccount

SOUND = httpx.Response(200, headers={"Content-Type": "audio/mpeg"}, content=b"ID3")


async def fetched(pbx: PhoneSystem, url: str) -> bytes:
    async with pbx.recording(url) as recording:
        return b"".join([chunk async for chunk in recording.chunks])


@pytest.mark.parametrize("account", [VatsAccount(), VatsFormAccount()])
async def test_a_vats_gets_its_key_once_it_asks_for_it(account: VatsAccount | VatsFormAccount) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return SOUND if "X-API-KEY" in request.headers else httpx.Response(401)

    account._answer = answer  # type: ignore[method-assign]
    assert await fetched(account.vats(), "https://example.megapbx.ru/records/1.mp3") == b"ID3"
    assert [request.headers.get("X-API-KEY") for request in requests] == [
        None,
        account.config().key.get_secret_value(),
    ]
    assert all(KEY not in str(request.url) for request in requests)
    requests.clear()
    with pytest.raises(AuthFailed):
        await fetched(account.vats(recording_hosts=["cdn.example"]), "https://cdn.example/1.mp3")
    assert not any("X-API-KEY" in request.headers for request in requests)


async def test_a_public_link_of_phonet_needs_no_session_and_may_end_in_a_space() -> None:
    account = PhonetAccount()
    account.will("GET /rest/public/calls/u1/audio", SOUND)
    url = "https://test4.phonet.com.ua/rest/public/calls/u1/audio "
    assert await fetched(account.phonet(), url) == b"ID3"
    assert not account.authorized
    assert "Cookie" not in account.asked[0].headers


async def test_another_link_of_phonet_gets_the_session_which_is_begun_anew_when_it_is_gone() -> None:
    account = PhonetAccount()
    account.will("GET /rest/calls/u1/audio", SOUND)
    account.forget(1)
    assert await fetched(account.phonet(), "https://test4.phonet.com.ua/rest/calls/u1/audio") == b"ID3"
    asked = account.requests("/rest/calls/u1/audio")
    assert [request.headers["Cookie"] for request in asked] == ["JSESSIONID=session-1", "JSESSIONID=session-2"]


async def test_t2_gets_its_token_and_the_one_after_it() -> None:
    account = T2Account()
    account.will("GET /call-records/file", SOUND)
    account.expire(ACCESS)
    t2 = account.t2()
    assert await fetched(t2, "t2:2022-07-15/165787002922476116") == b"ID3"
    asked = account.requests("/call-records/file")
    assert [request.headers["Authorization"] for request in asked] == [ACCESS, "access-1"]
    assert asked[0].url.params["filename"] == "2022-07-15/165787002922476116"
    account.expire("access-1", "refresh-1")
    with pytest.raises(TokenRefused):
        await fetched(t2, "t2:2022-07-15/165787002922476116")
