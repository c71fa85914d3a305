"""Chapters 15 to 18."""

from pbx.vats_rest.wire.lines import (
    NewBranch,
    NewSipRegistration,
    NewSipUriTransfer,
    NewSubscription,
    SipRegistrationChange,
)
from tests.pbx.vats_rest.operations.operation import Operation, collected

HOOK = "https://webhook.test/31db9d90-fa0c-493c-a468-886c2b702778"

LINES = [
    Operation(
        "15.1",
        "GET /sip-registrations",
        lambda client: collected(client.sip_registrations()),
        "GET /sip-registrations",
        "sip_registrations.json",
        lambda lines: (
            [(line.telnum, line.expires, line.status) for line in lines] == [("79262005060", 600, "success")]
        ),
    ),
    Operation(
        "15.2",
        "GET /sip-registrations/{telnum}",
        lambda client: client.sip_registration("79262005060"),
        "GET /sip-registrations/79262005060",
        "sip_registration.json",
        lambda line: (line.name, line.domain, line.outgoing) == ("Тест", "regtest.com", True),
    ),
    Operation(
        "15.3",
        "POST /sip-registrations",
        lambda client: client.add_sip_registration(
            NewSipRegistration(
                telnum="79262005060", name="Тест", domain="regtest.com", login="user", password="made-up", expires=600
            )
        ),
        "POST /sip-registrations",
        "sip_registration_added.json",
        lambda line: line.active is True,
        {
            "telnum": "79262005060",
            "name": "Тест",
            "domain": "regtest.com",
            "login": "user",
            "password": "made-up",
            "expires": 600,
        },
    ),
    Operation(
        "15.4",
        "PUT /sip-registrations/{telnum}",
        lambda client: client.edit_sip_registration("79262005060", SipRegistrationChange(active=False)),
        "PUT /sip-registrations/79262005060",
        "sip_registration_edited.json",
        lambda line: line.telnum == "79262005060",
        {"active": False},
    ),
    Operation(
        "15.5",
        "DELETE /sip-registrations/{telnum}",
        lambda client: client.delete_sip_registration("79262005060"),
        "DELETE /sip-registrations/79262005060",
    ),
    Operation(
        "16.1",
        "GET /sipuri-transfers",
        lambda client: collected(client.sipuri_transfers(limit=1)),
        "GET /sipuri-transfers?limit=1",
        "sipuri_transfers.json",
        lambda transfers: [one.uri for one in transfers] == ["pbx-A7Um8NKUhJ0T@domain"],
    ),
    Operation(
        "16.2",
        "GET /sipuri-transfers/{telnum}",
        lambda client: client.sipuri_transfer("79262005060"),
        "GET /sipuri-transfers/79262005060",
        "sipuri_transfer.json",
        lambda one: (one.active, one.uri) == (True, "pbx-A7Um8NKUhJ0T@domain"),
    ),
    Operation(
        "16.3",
        "POST /sipuri-transfers",
        lambda client: client.add_sipuri_transfer(NewSipUriTransfer(telnum="79262005060", active=True)),
        "POST /sipuri-transfers",
        "sipuri_transfer_added.json",
        lambda one: one.telnum == "79262005060",
        {"telnum": "79262005060", "active": True},
    ),
    Operation(
        "16.4",
        "PUT /sipuri-transfers/{telnum}",
        lambda client: client.edit_sipuri_transfer("74951904198", active=True),
        "PUT /sipuri-transfers/74951904198",
        "sipuri_transfer_edited.json",
        lambda one: (one.telnum, one.active) == ("74951904198", True),
        {"active": True},
    ),
    Operation(
        "16.5",
        "DELETE /sipuri-transfers/{telnum}",
        lambda client: client.delete_sipuri_transfer("79262005060"),
        "DELETE /sipuri-transfers/79262005060",
    ),
    Operation(
        "17.1",
        "GET /branches",
        lambda client: collected(client.branches()),
        "GET /branches",
        "branches.json",
        lambda branches: (
            [(one.domain, one.status, one.collisions_count) for one in branches]
            == [("example1.com", "waiting", 0), ("example2.com", "success", 5)]
        ),
    ),
    Operation(
        "17.2",
        "GET /branches/{domain}",
        lambda client: client.branch("example1.com"),
        "GET /branches/example1.com",
        "branch.json",
        lambda one: (one.name, one.status) == ("Дочерний филиал", "waiting"),
    ),
    Operation(
        "17.3",
        "POST /branches",
        lambda client: client.add_branch(
            NewBranch(domain="example1.com", name="Дочерний филиал", key="161aeb17-be58-43e8-be9f-5eceabfe2e5c")
        ),
        "POST /branches",
        "branch_added.json",
        lambda one: one.domain == "example1.com",
        {"domain": "example1.com", "name": "Дочерний филиал", "key": "161aeb17-be58-43e8-be9f-5eceabfe2e5c"},
    ),
    Operation(
        "17.4",
        "PUT /branches/{domain}",
        lambda client: client.edit_branch("example1.com", "Дочерний филиал"),
        "PUT /branches/example1.com",
        "branch_edited.json",
        lambda one: one.name == "Дочерний филиал",
        {"name": "Дочерний филиал"},
    ),
    Operation(
        "17.5",
        "POST /branches/{domain}/sync",
        lambda client: client.sync_branch("example1.com"),
        "POST /branches/example1.com/sync",
        "branch_synced.json",
        lambda one: one.exts_count == 0,
    ),
    Operation(
        "17.6",
        "DELETE /branches/{domain}",
        lambda client: client.delete_branch("example1.com"),
        "DELETE /branches/example1.com",
    ),
    Operation(
        "18.1",
        "GET /webhook",
        lambda client: client.webhooks(),
        "GET /webhook",
        "webhooks.json",
        lambda hooks: (
            [(one.type, one.url == HOOK) for one in hooks] == [("sipregs_error", True), ("sipregs_error", False)]
        ),
    ),
    Operation(
        "18.2",
        "POST /webhook",
        lambda client: client.add_webhook(NewSubscription(type="sipregs_error", url=HOOK)),
        "POST /webhook",
        body={"type": "sipregs_error", "url": HOOK},
    ),
    Operation(
        "18.3",
        "DELETE /webhook/{id}",
        lambda client: client.delete_webhook("898254be-e2cd-4e8a-90d1-1615a42eb2dd"),
        "DELETE /webhook/898254be-e2cd-4e8a-90d1-1615a42eb2dd",
    ),
]
