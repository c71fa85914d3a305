"""What every vendor must do alike."""

import httpx

from pbx.phone_system import WebhookRequest
from pbx.phonet.phone_system import connect
from tests.pbx.contract import NOW, Contract, Subject
from tests.pbx.keepers import NoKeeper
from tests.pbx.phonet.phonet_account import KEY, body, config

SECRET, ADDRESS = "s3cret-part-of-the-path", "89.184.65.208"
GENUINE = body("dial_outgoing_times_in_seconds")


def request(secret: str | None = SECRET, remote: str = ADDRESS) -> WebhookRequest:
    return WebhookRequest({}, GENUINE, secret, remote)


def session(request: httpx.Request) -> httpx.Response | None:
    if request.url.path != "/rest/security/authorize":
        return None
    return httpx.Response(200, headers={"Set-Cookie": "JSESSIONID=session-1; Path=/; Secure; HttpOnly"})


class TestContract(Contract):
    subject = Subject(
        connect=lambda mounted: connect(
            config(webhook_token=SECRET), country="UA", keeper=NoKeeper(), clock=lambda: NOW, mounted=mounted
        ),
        secrets=(KEY, SECRET),
        genuine=request(),
        forged=(request("wrong"), request(remote="192.0.2.1"), request(remote="127.0.0.1")),
        keyless=request(None),
        unknown_event=b'{"event": "call.teleport", "uuid": "47a968893984475b8c20e29dec144ce3"}',
        preface=session,
        employee="001",
        # A refusal may mean that the session is stale: a new one is begun, and the request proves it was not done.
        asked_again={401: 2},
        recording="https://test4.phonet.com.ua/rest/public/calls/u1/audio",
    )
