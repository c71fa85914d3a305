"""What every vendor must do alike."""

from pbx.t2.phone_system import connect
from tests.pbx.contract import NOW, Contract, Subject
from tests.pbx.t2.t2_account import Kept, config

ACCESS, REFRESH = "eyJhbGci.access.Zx81", "eyJhbGci.refresh.Qv42"


class TestContract(Contract):
    subject = Subject(
        connect=lambda mounted: connect(
            config(access_token=ACCESS, refresh_token=REFRESH),
            country="RU",
            keeper=Kept(),
            clock=lambda: NOW,
            mounted=mounted,
        ),
        secrets=(ACCESS, REFRESH),
        employee="79081560008",
        recording="t2:2022-07-15/165787002922476116",
    )
