"""Chapters 15 to 18: lines of other operators, other PBXs, subscriptions to events."""

from collections.abc import AsyncIterator

from pbx.vats_rest.client.base import Chapter, segment
from pbx.vats_rest.wire import base as wire
from pbx.vats_rest.wire.lines import (
    Branch,
    NewBranch,
    NewSipRegistration,
    NewSipUriTransfer,
    NewSubscription,
    SipRegistration,
    SipRegistrationChange,
    SipUriTransfer,
    Subscription,
)

LINES = "Номера других операторов"
PBXES = "Подключение других АТС"


class Lines(Chapter):
    """Needs the rights Номера других операторов → Просмотр, → Создание, → Редактирование, → Удаление."""

    def sip_registrations(
        self, *, search: str | None = None, limit: int | None = None
    ) -> AsyncIterator[SipRegistration]:
        """All lines of other operators. Section 15.1."""
        query = {"search": search, "limit": limit}
        return self._pages("/sip-registrations", SipRegistration, query=query, right=f"{LINES} → Просмотр")

    async def sip_registration(self, telnum: str) -> SipRegistration:
        """Section 15.2."""
        reply = await self._ask("GET", f"/sip-registrations/{segment(telnum)}", right=f"{LINES} → Просмотр")
        return wire.one(reply, SipRegistration)

    async def add_sip_registration(self, line: NewSipRegistration) -> SipRegistration:
        """Section 15.3."""
        reply = await self._ask("POST", "/sip-registrations", body=line.body(), right=f"{LINES} → Создание")
        return wire.one(reply, SipRegistration)

    async def edit_sip_registration(self, telnum: str, change: SipRegistrationChange) -> SipRegistration:
        """Section 15.4."""
        path, right = f"/sip-registrations/{segment(telnum)}", f"{LINES} → Редактирование"
        return wire.one(await self._ask("PUT", path, body=change.body(), right=right), SipRegistration)

    async def delete_sip_registration(self, telnum: str) -> None:
        """Section 15.5."""
        await self._ask("DELETE", f"/sip-registrations/{segment(telnum)}", right=f"{LINES} → Удаление")

    def sipuri_transfers(
        self, *, search: str | None = None, limit: int | None = None
    ) -> AsyncIterator[SipUriTransfer]:
        """All numbers whose calls go to a SIP address. Section 16.1."""
        query = {"search": search, "limit": limit}
        return self._pages("/sipuri-transfers", SipUriTransfer, query=query, right=f"{LINES} → Просмотр")

    async def sipuri_transfer(self, telnum: str) -> SipUriTransfer:
        """Section 16.2."""
        reply = await self._ask("GET", f"/sipuri-transfers/{segment(telnum)}", right=f"{LINES} → Просмотр")
        return wire.one(reply, SipUriTransfer)

    async def add_sipuri_transfer(self, transfer: NewSipUriTransfer) -> SipUriTransfer:
        """The PBX makes up the address. Section 16.3."""
        reply = await self._ask("POST", "/sipuri-transfers", body=transfer.body(), right=f"{LINES} → Создание")
        return wire.one(reply, SipUriTransfer)

    async def edit_sipuri_transfer(self, telnum: str, *, active: bool) -> SipUriTransfer:
        """Section 16.4."""
        path, right = f"/sipuri-transfers/{segment(telnum)}", f"{LINES} → Редактирование"
        return wire.one(await self._ask("PUT", path, body={"active": active}, right=right), SipUriTransfer)

    async def delete_sipuri_transfer(self, telnum: str) -> None:
        """Section 16.5."""
        await self._ask("DELETE", f"/sipuri-transfers/{segment(telnum)}", right=f"{LINES} → Удаление")


class Branches(Chapter):
    """Needs the rights Подключение других АТС → Просмотр, → Создание, → Редактирование, → Удаление."""

    def branches(self, *, search: str | None = None, limit: int | None = None) -> AsyncIterator[Branch]:
        """All other PBXs joined to this one. Section 17.1."""
        query = {"search": search, "limit": limit}
        return self._pages("/branches", Branch, query=query, right=f"{PBXES} → Просмотр")

    async def branch(self, domain: str) -> Branch:
        """Section 17.2."""
        return wire.one(await self._ask("GET", f"/branches/{segment(domain)}", right=f"{PBXES} → Просмотр"), Branch)

    async def add_branch(self, branch: NewBranch) -> Branch:
        """Section 17.3."""
        reply = await self._ask("POST", "/branches", body=branch.body(), right=f"{PBXES} → Создание")
        return wire.one(reply, Branch)

    async def edit_branch(self, domain: str, name: str) -> Branch:
        """Rename. Section 17.4, whose table allows the name alone."""
        path, right = f"/branches/{segment(domain)}", f"{PBXES} → Редактирование"
        return wire.one(await self._ask("PUT", path, body={"name": name}, right=right), Branch)

    async def sync_branch(self, domain: str) -> Branch:
        """Section 17.5."""
        path, right = f"/branches/{segment(domain)}/sync", f"{PBXES} → Редактирование"
        return wire.one(await self._ask("POST", path, right=right), Branch)

    async def delete_branch(self, domain: str) -> None:
        """Section 17.6."""
        await self._ask("DELETE", f"/branches/{segment(domain)}", right=f"{PBXES} → Удаление")


class Subscriptions(Chapter):
    async def webhooks(self) -> list[Subscription]:
        """Section 18.1."""
        return wire.many(await self._ask("GET", "/webhook"), Subscription)

    async def add_webhook(self, subscription: NewSubscription) -> None:
        """Have lost registrations posted to `url`. Section 18.2."""
        await self._ask("POST", "/webhook", body=subscription.body())

    async def delete_webhook(self, id: str) -> None:
        """Section 18.3."""
        await self._ask("DELETE", f"/webhook/{segment(id)}")
