"""What t2's refusals mean (manual: "Коды ответов"): the five cases of a 403, and the shapes of an error body."""

from enum import StrEnum
from typing import Any

from pbx import transport
from pbx.errors import AuthFailed, BadPayload, PbxError, Rejected
from pbx.transport import Reply, excerpt

RENEW = (
    "In the t2 cabinet, as its administrator, press the company's name (top right), open «Токен API» and press "
    "«Сгенерировать токен»; put the two new tokens into access_token and refresh_token and start again"
)


class Refusal(StrEnum):
    """Why a token was refused."""

    NO_HEADER = "no_header"
    ALREADY_UPDATED = "already_updated"
    EXPIRED = "expired"
    BAD = "bad"
    WRONG_TYPE = "wrong_type"
    UNKNOWN = "unknown"


#: `details` of a 403, compared casefolded.
REFUSALS = {
    "authorization header required": Refusal.NO_HEADER,
    "the token has already been updated": Refusal.ALREADY_UPDATED,
    "the token is expired": Refusal.EXPIRED,
    "bad token": Refusal.BAD,
    "invalid token type": Refusal.WRONG_TYPE,
}

#: What each means for the person who set the PBX up.
PLAIN = {
    Refusal.NO_HEADER: "t2 got no token: something between us and t2 drops the Authorization header",
    Refusal.ALREADY_UPDATED: f"the token pair was replaced by a newer one and is dead. {RENEW}",
    Refusal.EXPIRED: f"the token has expired. {RENEW}",
    Refusal.BAD: f"t2 can't read the token: it was not copied whole. {RENEW}",
    Refusal.WRONG_TYPE: "access_token and refresh_token stand in each other's place: swap them",
    Refusal.UNKNOWN: f"t2 refuses the token (403). {RENEW}",
}


class TokenRefused(AuthFailed):
    """A 403, with the reason its body gives."""

    def __init__(self, request: str, why: Refusal) -> None:
        super().__init__(f"{request}: {PLAIN[why]}", status=403)
        self.why = why


def classify(reply: Reply, token: str = "") -> PbxError | None:
    """The manual's table of answers; the common meaning for what it does not name.

    `token` is what was sent: an answer that repeats it is told without it.
    """
    if reply.status == 403:
        return TokenRefused(reply.request, REFUSALS.get(_details(reply).casefold(), Refusal.UNKNOWN))
    if reply.status == 406:
        return Rejected(
            f"{reply.request}: t2's gateway refuses our User-Agent (406); set user_agent, a browser's for example",
            status=406,
        )
    common = transport.classify(reply)
    if type(common) is Rejected:
        return Rejected(str(common), reason=reason(reply, token), status=reply.status)
    return common


def reason(reply: Reply, token: str = "") -> str:
    """What the body says was wrong, fit for a person.

    The 404s put the point into `details` ("Employee not found by source number"), the example of a wrong parameter
    into `message`, and a gateway's `{"timestamp", "status", "error", "path"}` into `error`.
    """
    body = _body(reply)
    said = [str(body[name]).strip() for name in ("message", "details", "error") if body.get(name)]
    text = ": ".join(dict.fromkeys(said)) if body else reply.text
    return excerpt(text.replace(token, "…") if token else text)


def _details(reply: Reply) -> str:
    return str(_body(reply).get("details", "")).strip().rstrip(".")


def _body(reply: Reply) -> dict[str, Any]:
    try:
        body = reply.json()
    except BadPayload:
        return {}
    return body if isinstance(body, dict) else {}
