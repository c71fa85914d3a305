"""Requests as a PBX sends them, and what our routes answered."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from storage.tables import inbox
from tests.office import CLIENT, WEBHOOK_TOKEN, Office

KEY = {"crm_token": WEBHOOK_TOKEN}
MISSED = {"cmd": "history", "type": "in", "status": "Missed", "phone": CLIENT, "callid": "c1", "user": ""}


@dataclass(frozen=True, slots=True)
class Answered:
    """A response: status, headers, and the JSON in it (None if it held none)."""

    status: int
    headers: dict[str, str]
    json: Any


async def post(
    office: Office, body: Any, path: str = "/pbx/main", *, headers: dict[str, str] | None = None, method: str = "POST"
) -> Answered:
    async with office.http.request(method, office.url + path, data=body, headers=headers) as response:
        text = await response.text()
        headers_back = {name.lower(): value for name, value in response.headers.items()}
        return Answered(response.status, headers_back, json.loads(text) if text else None)


async def first_line(office: Office, request: bytes) -> bytes:
    """Bytes to the server as they stand; the first line that comes back, nothing if it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", office.app.port)
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.readline(), 5)
    finally:
        writer.close()


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()


def as_json(**fields: Any) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode()


def multipart(boundary: str = "b0undary", **fields: str) -> bytes:
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return ("".join(parts) + f"--{boundary}--\r\n").encode()


async def stored(office: Office) -> list[tuple[str, bytes, str, bool]]:
    """What is in the inbox: PBX, body, state, and whether it meant nothing to us."""
    async with office.desk.db.read() as tx:
        rows = await tx.execute(select(inbox).order_by(inbox.c.id))
        return [(row.pbx_id, row.body, row.state, row.unknown) for row in rows]
