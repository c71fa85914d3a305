"""What the PBX tells of calls, in the manual's words, a line each for the stories in the tests."""

from datetime import datetime, timedelta
from itertools import count

from tests.office import CLIENT, Office

_IDS = count(1)
SALES = {"diversion": "74950000001", "telnum_name": "Реклама", "groupRealName": "Продажи"}


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


async def says(office: Office, cmd: str, *, pbx: str = "main", **fields: str) -> None:
    """The PBX posts, and all that follows from it happens."""
    assert await office.pbx_says({"cmd": cmd, **fields}, pbx=pbx) == 200


async def told(office: Office, cmd: str, *, pbx: str = "main", **fields: str) -> None:
    """The PBX posts; nothing is shown yet."""
    body = {"crm_token": "webhook-token-of-the-tests", "cmd": cmd, **fields}
    async with office.http.post(f"{office.url}/pbx/{pbx}", data=body) as response:
        assert response.status == 200


async def missed(office: Office, phone: str = CLIENT, callid: str = "", *, pbx: str = "main", **fields: str) -> str:
    """A client rang the sales department for twenty seconds, up to now, and nobody answered; the call's id."""
    callid = callid or f"call-{next(_IDS)}"
    start = stamp(office.clock.now() - timedelta(seconds=20))
    body = {"type": "in", "status": "Missed", "phone": phone, "callid": callid, "user": "", **SALES}
    await says(office, "history", pbx=pbx, **body | {"start": start, "duration": "20"} | fields)
    return callid


async def we_called(
    office: Office,
    status: str = "Success",
    phone: str = CLIENT,
    *,
    user: str = "igor",
    pbx: str = "main",
    **fields: str,
) -> None:
    """Somebody of ours called a client: rang ten seconds, and talked two minutes if it was a success."""
    lasted = 130 if status.casefold() == "success" else 10
    start = stamp(office.clock.now())
    office.clock.advance(seconds=lasted)
    body = {"type": "out", "status": status, "phone": phone, "callid": f"call-{next(_IDS)}", "user": user}
    await says(office, "history", pbx=pbx, **body | {"start": start, "duration": str(lasted), "wait": "10"} | fields)


async def got_through(
    office: Office, phone: str = CLIENT, *, user: str = "maria", pbx: str = "main", **fields: str
) -> None:
    """A client called, and after ten seconds somebody answered and talked one minute."""
    start = stamp(office.clock.now())
    office.clock.advance(seconds=70)
    body = {"type": "in", "status": "Success", "phone": phone, "callid": f"call-{next(_IDS)}", "user": user, **SALES}
    await says(office, "history", pbx=pbx, **body | {"start": start, "duration": "70", "wait": "10"} | fields)
