"""The smallest vendor, as `docs/adding-a-phone-system.md` shows it: the contract, and a day in its office."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from aiohttp import web

from bot import registry
from bot.capability_table import MEANING
from bot.registry import Vendor
from pbx.phone_system import PhoneSystem, WebhookRequest
from sandbox.telegram import Answer
from tests import simulators
from tests.office import API_KEY, IGOR, WEBHOOK_TOKEN, Office, Simulated, an_office
from tests.pbx import example_vendor
from tests.pbx.contract import NOW, Contract, Subject
from tests.pbx.example_vendor import CAPABILITIES, BellConfig, connect
from tests.pbx.keepers import NoKeeper

PAGE = Path(__file__).parent.parent.parent / "docs" / "adding-a-phone-system.md"
KEY, TOKEN = "bell-key-91827", "bell-token-56473"
CLIENT = "79000003301"


def body(**changes: Any) -> bytes:
    import json

    said = {"call": "b1", "from": CLIENT, "state": "missed", "at": 1773824400, "key": TOKEN}
    return json.dumps({name: value for name, value in (said | changes).items() if value is not None}).encode()


def config() -> BellConfig:
    return BellConfig.model_validate(
        {"id": "main", "vendor": "bell", "url": "https://bell.example", "key": KEY, "webhook_token": TOKEN}
    )


class TestContract(Contract):
    subject = Subject(
        connect=lambda mounted: connect(
            config(), country="RU", keeper=NoKeeper(), clock=lambda: NOW, mounted=mounted
        ),
        secrets=(KEY, TOKEN),
        genuine=WebhookRequest({}, body()),
        forged=(WebhookRequest({}, body(key="wrong")), WebhookRequest({}, body(key=KEY))),
        keyless=WebhookRequest({}, body(key=None)),
        unknown_event=body(state="teleported"),
        employee="anna",
    )


class BellOffice:
    """Its other end."""

    def __init__(self) -> None:
        self.url = ""
        self.called: list[dict[str, str]] = []
        self.calls = self
        self._app = web.Application()
        self._app.router.add_get("/people", self._people)
        self._app.router.add_post("/calls", self._call)
        self._runner = web.AppRunner(self._app, access_log=None)

    async def settled(self) -> None:
        """Nothing happens here by itself."""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _people(self, request: web.Request) -> web.Response:
        assert request.headers["X-Bell-Key"] == API_KEY
        return web.json_response([{"login": "igor", "name": "Igor Volkov"}])

    async def _call(self, request: web.Request) -> web.Response:
        self.called.append(await request.json())
        return web.Response()


@pytest.fixture
async def office(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """One line in the registry is all that the rest of the house needs."""
    bell = Vendor("Bell", BellConfig, connect, CAPABILITIES)
    monkeypatch.setitem(registry.VENDORS, "bell", bell)
    monkeypatch.setitem(
        simulators.KINDS,
        "bell",
        simulators.Kind(lambda clock: BellOffice(), {"key": API_KEY, "webhook_token": WEBHOOK_TOKEN}),
    )
    async with an_office(database_url, pbxes=[Simulated("bell")]) as built:
        yield built


async def test_a_missed_call_at_bell_is_called_back_from_the_chat(office: Office) -> None:
    from desk import directory

    await directory.refresh(office.desk, "main")
    await office.connected(logins={IGOR: "igor"})

    async def happens(call: str, state: str, **more: str) -> None:
        said = {"call": call, "from": CLIENT, "state": state, "at": int(office.clock.now().timestamp()), **more}
        async with office.http.post(f"{office.url}/pbx/main", json={**said, "key": WEBHOOK_TOKEN}) as response:
            assert response.status == 200
        await office.settle()

    await happens("b1", "missed")
    [card] = office.cards()
    assert card.text == "🔴 Missed call · +7 900 000-33-01\n🕒 today 12:00"
    assert [one.text for row in card.buttons for one in row] == ["📞 Call back", "🙋 Mine", "✅ Handled", "🗂 History"]
    assert await office.presses(IGOR, card, "Call back") == Answer(
        "📞 Your phone is ringing: pick it up and I connect +7 900 000-33-01."
    )
    assert office.simulator(BellOffice).called == [{"who": "igor", "to": CLIENT}]
    office.clock.advance(minutes=2)
    await happens("b2", "reached", by="igor")
    [card] = office.cards()
    assert card.text == "🟢 Called back · +7 900 000-33-01\n🕒 today 12:00\n📗 Igor Volkov · after 2 min"
    [told] = await office.says(IGOR, IGOR, "/dnd")
    assert told.text == "PBX main has no do-not-disturb that we could switch. Use the settings of your phone."


def test_what_the_page_shows_is_what_is_tried_here() -> None:
    source = Path(example_vendor.__file__).read_text(encoding="utf-8")
    shown = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(shown) >= 4
    for block in shown:
        assert block in source, block


def test_the_page_names_every_method_of_a_phone_system() -> None:
    page = PAGE.read_text(encoding="utf-8")
    methods = [name for name, value in vars(PhoneSystem).items() if callable(value) and not name.startswith("_")]
    assert [name for name in methods if f"`{name}`" not in page] == []
    assert [name for name in MEANING if f"`{name}`" not in page] == []
