"""What the administrators must hear of, each thing once: a chat that is gone, a key that is refused."""

from desk.office import Desk
from storage import notices
from storage.database import Tx


async def tell(desk: Desk, tx: Tx, what: str, about: str, **data: object) -> None:
    """Tell every administrator in private. The same `what` about the same thing is told once a day."""
    now = desk.clock.now()
    day = now.astimezone(desk.office.timezone).date()
    notice_id = await notices.add(
        desk.db, tx, "admins", f"{what} {about} {day}"[:80], now, data={"what": what, **data}
    )
    if notice_id is not None:
        await notices.deliver_to(desk.db, tx, notice_id, [(admin, 0) for admin in sorted(desk.office.admins)], now)
