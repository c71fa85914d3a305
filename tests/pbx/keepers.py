"""Keepers for tests."""


class NoKeeper:
    """For a vendor that keeps nothing: using it is a mistake."""

    async def load(self, name: str) -> str | None:
        raise AssertionError(f"{name} was asked for")

    async def save(self, name: str, value: str) -> None:
        raise AssertionError(f"{name} was kept")
