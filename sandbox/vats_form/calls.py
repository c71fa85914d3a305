"""The engine's calls as this API tells them: linked legs share one id, and nobody hears of a rating."""

from dataclasses import replace

from sandbox.vats_rest import calls
from sandbox.vats_rest.office import HistoryRow, NoSuch
from sandbox.vats_rest.stories import Answered, Ending


class Calls(calls.Calls):
    async def client_calls(self, phone: str, to: str, ending: Ending) -> HistoryRow | None:
        """As the engine's, but every transfer keeps its id: `callid` is "the same for all linked legs"."""
        if isinstance(ending, Answered) and ending.transfer is not None:
            ending = replace(ending, transfer=replace(ending.transfer, blind=False))
        return await super().client_calls(phone, to, ending)

    def rate(self, callid: str, stars: int) -> None:
        """The client pressed a key: the PBX keeps it to itself, in no webhook and no column of the history."""
        row = self.office.row(callid)
        if row is None:
            raise NoSuch(f"no call {callid}")
        row.rating = stars
