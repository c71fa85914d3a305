"""Our HTTP routes are what `docs/openapi.yaml` says, whatever is sent to them; and nothing is answered with a 5xx."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from inspect import getsource
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.app import telegram_route
from tests.handlers.board.opening import init_data
from tests.handlers.chat.on_the_phone import missed_call
from tests.office import ANNA, WEBHOOK_TOKEN, Office, an_office
from tests.simulators import Simulated

DESCRIBED = Path(__file__).parents[2] / "docs" / "openapi.yaml"
AS_DESCRIBED = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PBXES = (
    Simulated(),
    Simulated("vats_form", "form"),
    Simulated("phonet", "phonet", {"webhook_token": WEBHOOK_TOKEN}),
    Simulated("t2", "t2"),
)
#: Known ones mostly, and whatever the description allows.
IDS = st.sampled_from(["main", "form", "phonet", "main", "t2", None])
NEEDED = {"callid": "1", "phone": "79100000001", "status": "Missed", "type": "in", "rating": "5"}
EXAMPLES = 40
OPERATIONS = (
    *("pbxEvent", "pbxEventBySecret", "telegramUpdate", "healthz", "readyz", "metrics"),
    *("boardPage", "boardFile", "boardWords", "boardNow", "boardToday", "boardPicture", "boardSearch", "boardAct"),
)
EVENT = {**NEEDED, "cmd": "event", "crm_token": WEBHOOK_TOKEN}
#: What chance seldom finds: a path and a body that are answered as one would wish.
BEST: dict[str, tuple[str, Any]] = {
    "pbxEvent": ("/pbx/main", EVENT),
    "pbxEventBySecret": ("/pbx/main/any", EVENT),
    "telegramUpdate": ("/telegram/{secret}", {"update_id": 1}),
    "boardFile": ("/board/board.js", None),
    "boardWords": ("/board/api/page", None),
    "boardNow": ("/board/api/now", None),
    "boardToday": ("/board/api/today", None),
    "boardPicture": ("/board/api/picture", None),
    "boardSearch": ("/board/api/search?q=910", None),
    "boardAct": ("/board/api/cases/1/claim", {}),
}
AnyCase = Case[Any]


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    public = {"public_url": "https://bot.example.com"}
    async with an_office(sqlite_url, pbxes=PBXES, telegram={"mode": "webhook"}, http=public) as built:
        await missed_call(built)
        built.clock.advance(minutes=1)
        yield built


def operation(name: str) -> Any:
    return schemathesis.openapi.from_path(DESCRIBED).find_operation_by_id(name)


def with_our_keys(office: Office) -> Callable[[AnyCase, str | None], None]:
    """Gives a request the right ones and the fields it can't do without, so that it gets further than the door."""
    route = telegram_route(office.app.settings)
    assert route is not None
    secrets = {"/telegram/{secret}": route.path_secret, "/pbx/{id}/{secret}": WEBHOOK_TOKEN}

    def give(case: AnyCase, pbx_id: str | None) -> None:
        if pbx_id and "id" in case.path_parameters:
            case.path_parameters["id"] = pbx_id
        if case.path in secrets:
            case.path_parameters["secret"] = secrets[case.path]
        if isinstance(case.body, dict) and "cmd" in case.body:
            case.body = {**NEEDED, **case.body}
        if case.path.startswith("/board"):
            case.headers["Authorization"] = f"tma {init_data(office, ANNA)}"
        case.headers["X-CRM-Token"] = WEBHOOK_TOKEN
        case.headers["X-Telegram-Bot-Api-Secret-Token"] = route.header_secret

    return give


@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_route_answers_as_described(office: Office, name: str) -> None:
    give_keys, statuses = with_our_keys(office), Counter[int]()
    described = operation(name)
    asked = EXAMPLES if described.method == "post" else 2

    @settings(max_examples=asked, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(described.as_strategy(), IDS, st.integers(0, 3))
    def holds(case: AnyCase, pbx_id: str | None, luck: int) -> None:
        if luck:
            give_keys(case, pbx_id)
        response = case.call(base_url=office.url, timeout=20)
        case.validate_response(response, checks=AS_DESCRIBED)
        statuses[response.status_code] += 1

    if best := BEST.get(name):  # that chance never leaves it out
        path, body = best
        route = telegram_route(office.app.settings)
        assert route is not None
        headers = {"Authorization": f"tma {init_data(office, ANNA)}"}
        headers["X-Telegram-Bot-Api-Secret-Token"] = route.header_secret
        url = office.url + path.format(secret=route.path_secret)
        async with office.http.request(described.method, url, json=body, headers=headers) as answered:
            statuses[answered.status] += 1
    await asyncio.to_thread(holds)
    await office.app.worker.settle()
    # A picture takes long to draw on a busy machine, and then there is none.
    assert statuses[200] or name == "readyz" or (name == "boardPicture" and statuses[204]), statuses
    assert [status for status in statuses if status >= 500] == ([503] if name == "readyz" else [])


def test_every_route_is_described() -> None:
    from handlers.board import routes
    from handlers.webhook import server

    described = set(yaml.safe_load(DESCRIBED.read_text(encoding="utf-8"))["paths"])
    sources = getsource(server) + getsource(routes)
    found = {line.split('"')[1] for line in sources.splitlines() if "app.router.add_" in line}
    assert described == found


def test_the_description_is_openapi() -> None:
    schemathesis.openapi.from_path(DESCRIBED).validate()
