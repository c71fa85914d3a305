"""Every operation of the manual that we call, revision 2 and with it revision 1, written down from the manual."""

from tests.pbx.vats_rest.operations.calls_and_people import CALLS_AND_PEOPLE
from tests.pbx.vats_rest.operations.lines import LINES
from tests.pbx.vats_rest.operations.numbers import NUMBERS
from tests.pbx.vats_rest.operations.operation import Operation
from tests.pbx.vats_rest.operations.settings import SETTINGS

OPERATIONS: list[Operation] = [*CALLS_AND_PEOPLE, *NUMBERS, *SETTINGS, *LINES]

#: Where something else than the manual's letter is right, and why.
CORRECTIONS = {
    "/crmap/v1, /crmpapi/v1": "misprints of /crmapi/v1",
    "GET /history/*": 'parameters are shown as JSON, but a GET has a query; "week" of the example is no period',
    "GET /history/csv": "the table leaves `account` out, the example has it; `type` holds the status",
    "GET /history/inner/csv": "the table says `status`, the example holds the direction there",
    "GET /history/inner/*": 'the example asks for type "missed", which its table does not allow',
    "GET /telnums": "`crm` and `calltracking` are text by the table, `false` in the example",
    "POST /music/{type}": "`holdmusic` is given for both kinds: 12.2 names the first `ringback`",
    "POST /calls-restrictions/groups": "the table says `id`, as what is read does; the example says `login`",
    "PUT /branches/{domain}": "the example repeats that of adding; the table allows `name` alone",
    "GET /caller-ids": "`users` is a string by the table, a list in the example",
    "broken examples": "page breaks cut 4.2, 6.1, 8.1, 8.3, 9.1, 12.1, 14.1, 16.2 and 17.3: joined in the fixtures",
}

__all__ = ["CORRECTIONS", "OPERATIONS", "Operation"]
