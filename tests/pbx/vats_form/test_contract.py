"""What every vendor must do alike."""

import json
from urllib.parse import parse_qsl, urlencode

from pbx.phone_system import WebhookRequest
from pbx.vats_form.phone_system import connect
from tests.pbx.contract import NOW, Contract, Subject
from tests.pbx.keepers import NoKeeper
from tests.pbx.vats_form.vats_account import KEY, TOKEN, Account, fixture

SAID = dict(parse_qsl(fixture("history_out_answered.form").decode().strip()))
KEYLESS = {name: value for name, value in SAID.items() if name != "crm_token"}


def form(**changes: str) -> bytes:
    return urlencode({**KEYLESS, **changes}).encode()


class TestContract(Contract):
    subject = Subject(
        connect=lambda mounted: connect(
            Account().config(), country="RU", keeper=NoKeeper(), clock=lambda: NOW, mounted=mounted
        ),
        secrets=(KEY, TOKEN),
        genuine=WebhookRequest({}, fixture("history_out_answered.form")),
        repetition_of_genuine=json.dumps(SAID).encode(),
        keyless=WebhookRequest({}, form()),
        forged=(
            WebhookRequest({}, form(crm_token="wrong")),
            WebhookRequest({}, form(crm_token=KEY)),
            WebhookRequest({}, form(token=TOKEN)),
            WebhookRequest({"X-CRM-Token": "wrong"}, form()),
        ),
        unknown_event=form(cmd="event", type="TELEPORTED"),
        employee="andy",
        recording="https://example.megapbx.ru/records/1.mp3",
    )
