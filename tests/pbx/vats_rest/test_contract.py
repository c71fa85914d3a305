"""What every vendor must do alike."""

import base64
import json
from urllib.parse import urlencode

from pbx.phone_system import WebhookRequest
from pbx.vats_rest.phone_system import connect
from tests.pbx.contract import NOW, Contract, Subject
from tests.pbx.keepers import NoKeeper
from tests.pbx.vats_rest.vats_account import KEY, TOKEN, Account, fixture

SAID = json.loads(fixture("history_out_answered_uppercase.json"))
KEYLESS = {name: value for name, value in SAID.items() if name != "crm_token"}


def form(**changes: str) -> bytes:
    return urlencode({**KEYLESS, **changes}).encode()


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


class TestContract(Contract):
    subject = Subject(
        connect=lambda mounted: connect(
            Account().config(), country="RU", keeper=NoKeeper(), clock=lambda: NOW, mounted=mounted
        ),
        secrets=(KEY, TOKEN),
        genuine=WebhookRequest({}, json.dumps(SAID).encode()),
        repetition_of_genuine=form(crm_token=TOKEN),
        keyless=WebhookRequest({}, form()),
        forged=(
            WebhookRequest({}, form(crm_token="wrong")),
            WebhookRequest({}, form(crm_token="ключ")),
            WebhookRequest({}, form(crm_token="")),
            WebhookRequest({"X-CRM-Token": "wrong"}, form()),
            WebhookRequest({"Authorization": "Bearer wrong"}, form()),
            WebhookRequest({"Authorization": TOKEN}, form()),
            WebhookRequest({"Authorization": "Basic !!!"}, form()),
            WebhookRequest({"Authorization": basic("user:wrong")}, form()),
            WebhookRequest({"Authorization": "Bearer \udcff"}, form()),
            WebhookRequest({}, form(), secret=TOKEN),
        ),
        unknown_event=form(cmd="event", type="TELEPORTED"),
        recording="https://example.megapbx.ru/records/1.mp3",
    )
