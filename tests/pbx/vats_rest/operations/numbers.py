"""Chapters 9 to 11."""

from pbx.vats_rest.wire.numbers import (
    BlacklistEntry,
    NewSim,
    SetCalendarSchedule,
    SetDay,
    SetIntervalSchedule,
    SetMenu,
    SetMenuButton,
    SetPartRoute,
    SetRoute,
)
from tests.pbx.vats_rest.operations.operation import Operation, collected

SCHEDULE = "cf149526-28b1-4921-8f3b-4e4899cdc798"
SHIFT = SetIntervalSchedule(
    route_name="Третья смена", start=68400, end=82800, days=("monday", "tuesday", "wednesday")
)
SHIFT_BODY = {
    "route_name": "Третья смена",
    "start": 68400,
    "end": 82800,
    "days": ["monday", "tuesday", "wednesday"],
}
NEW_YEAR = SetCalendarSchedule(route_name="Новый год", start="2023-12-31T00:00:00", end="2024-01-07T23:59:00")
NEW_YEAR_BODY = {"route_name": "Новый год", "start": "2023-12-31T00:00:00", "end": "2024-01-07T23:59:00"}

NUMBERS = [
    Operation(
        "9.1",
        "GET /telnums",
        lambda client: collected(client.telnums()),
        "GET /telnums",
        "telnums_crm_false.json",
        lambda telnums: (
            [(one.telnum, one.type, one.user, one.group, one.crm, one.abc_telnum) for one in telnums]
            == [("79262005060", "user", "admin", "", "false", ""), ("79264010121", "group", "", "sales", "", "")]
        ),
    ),
    Operation(
        "9.2",
        "GET /telnums/{telnum}",
        lambda client: client.telnum("79267616794"),
        "GET /telnums/79267616794",
        "telnum.json",
        lambda one: (one.telnum, one.group_name, one.is_main_phone) == ("79267616794", "Отдел продаж", True),
    ),
    Operation(
        "9.3",
        "POST /telnums/{telnum}",
        lambda client: client.edit_telnum("79267616794", SetRoute(type="group", group="sales", greeting=False)),
        "POST /telnums/79267616794",
        "telnum_edited.json",
        lambda one: (one.type, one.group, one.disabled) == ("group", "sales", False),
        {"type": "group", "group": "sales", "greeting": False},
    ),
    Operation(
        "9.3 and 9.6, 9.9: by the clock",
        "POST /telnums/{telnum}",
        lambda client: client.edit_telnum(
            "79267616794",
            SetRoute(
                type="scheduler",
                greeting=True,
                work=SetPartRoute(
                    type="ivr",
                    ivr=SetMenu(name="Меню", items=(SetMenuButton(button="timeout", type="group", group="sales"),)),
                ),
                other=SetPartRoute(subtype="telnum", telnum="79261904198", greeting=False),
                schedule={"monday": SetDay(start=32400, end=64800)},
            ),
        ),
        "POST /telnums/79267616794",
        "telnum_edited.json",
        lambda one: one.telnum == "79267616794",
        {
            "type": "scheduler",
            "greeting": True,
            "work": {
                "type": "ivr",
                "ivr": {"name": "Меню", "items": [{"button": "timeout", "type": "group", "group": "sales"}]},
            },
            "other": {"subtype": "telnum", "telnum": "79261904198", "greeting": False},
            "schedule": {"monday": {"start": 32400, "end": 64800}},
        },
    ),
    Operation(
        "9.4",
        "DELETE /telnums/{telnum}/enabled",
        lambda client: client.disable_telnum("79262005060"),
        "DELETE /telnums/79262005060/enabled",
    ),
    Operation(
        "9.5",
        "POST /telnums/{telnum}/enabled",
        lambda client: client.enable_telnum("79262005060"),
        "POST /telnums/79262005060/enabled",
    ),
    Operation(
        "9.7",
        "POST /telnums/{telnum}/interval-schedule",
        lambda client: client.add_interval_schedule("79262005060", SHIFT),
        "POST /telnums/79262005060/interval-schedule",
        body=SHIFT_BODY,
    ),
    Operation(
        "9.7",
        "PUT /telnums/{telnum}/interval-schedule/{id}",
        lambda client: client.edit_interval_schedule("79262005060", SCHEDULE, SHIFT),
        f"PUT /telnums/79262005060/interval-schedule/{SCHEDULE}",
        body=SHIFT_BODY,
    ),
    Operation(
        "9.7",
        "DELETE /telnums/{telnum}/interval-schedule/{id}",
        lambda client: client.delete_interval_schedule("79262005060", SCHEDULE),
        f"DELETE /telnums/79262005060/interval-schedule/{SCHEDULE}",
    ),
    Operation(
        "9.8",
        "POST /telnums/{telnum}/calendar-schedule",
        lambda client: client.add_calendar_schedule("79262005060", NEW_YEAR),
        "POST /telnums/79262005060/calendar-schedule",
        body=NEW_YEAR_BODY,
    ),
    Operation(
        "9.8",
        "PUT /telnums/{telnum}/calendar-schedule/{id}",
        lambda client: client.edit_calendar_schedule("79262005060", SCHEDULE, NEW_YEAR),
        f"PUT /telnums/79262005060/calendar-schedule/{SCHEDULE}",
        body=NEW_YEAR_BODY,
    ),
    Operation(
        "9.8",
        "DELETE /telnums/{telnum}/calendar-schedule/{id}",
        lambda client: client.delete_calendar_schedule("79262005060", SCHEDULE),
        f"DELETE /telnums/79262005060/calendar-schedule/{SCHEDULE}",
    ),
    Operation(
        "10.1",
        "GET /sims",
        lambda client: collected(client.sims(search="79264")),
        "GET /sims?search=79264",
        "sims.json",
        lambda sims: (
            [(sim.telnum, sim.user, sim.company, sim.calltracking) for sim in sims]
            == [("79262005060", "admin", False, ""), ("79264010121", "", True, "roistat")]
        ),
    ),
    Operation(
        "10.2",
        "GET /sims/{telnum}",
        lambda client: client.sim("79262005060"),
        "GET /sims/79262005060",
        "sim.json",
        lambda sim: (sim.user_name, sim.disabled) == ("Администратор", False),
    ),
    Operation(
        "10.3",
        "GET /sims-available",
        lambda client: client.sims_available(),
        "GET /sims-available",
        "sims_available.json",
        lambda sims: ([sim.telnum for sim in sims.items][:1], sims.sms_confirmation) == (["74952005060"], False),
    ),
    Operation(
        "10.4",
        "POST /sims",
        lambda client: client.add_sim(NewSim(telnum="79267616794", user="admin")),
        "POST /sims",
        "sim_added.json",
        lambda added: (added.status, added.user) == ("complete", "admin"),
        {"telnum": "79267616794", "user": "admin"},
    ),
    Operation(
        "10.5",
        "POST /sims/{telnum}/user/{login}",
        lambda client: client.assign_sim_to_user("79262005060", "admin"),
        "POST /sims/79262005060/user/admin",
    ),
    Operation(
        "10.6",
        "POST /sims/{telnum}/company",
        lambda client: client.assign_sim_to_company("79262005060"),
        "POST /sims/79262005060/company",
    ),
    Operation(
        "10.7",
        "POST /sims/{telnum}/disable",
        lambda client: client.disable_sim("79262005060"),
        "POST /sims/79262005060/disable",
    ),
    Operation(
        "10.8", "DELETE /sims/{telnum}", lambda client: client.delete_sim("79262005060"), "DELETE /sims/79262005060"
    ),
    Operation(
        "11.1",
        "GET /blacklist/telnums",
        lambda client: client.blacklist(with_statistics=True),
        "GET /blacklist/telnums?with=statistics",
        "blacklist_with_a_range.json",
        lambda rows: (
            (rows[0].telnum, rows[0].comment) == ("74951904198", "123")
            and (rows[3].telnum, rows[3].year) == ("749512345*", 11)
        ),
    ),
    Operation(
        "11.2",
        "POST /blacklist/telnums",
        lambda client: client.add_to_blacklist(
            [BlacklistEntry(telnum="79267616794", comment="text"), BlacklistEntry(telnum="749512345*", comment="")]
        ),
        "POST /blacklist/telnums",
        body=[{"telnum": "79267616794", "comment": "text"}, {"telnum": "749512345*", "comment": ""}],
    ),
    Operation(
        "11.3",
        "DELETE /blacklist/telnums",
        lambda client: client.delete_from_blacklist(["79261904198", "749512345*", "74953808397"]),
        "DELETE /blacklist/telnums?telnum=79261904198&telnum=749512345*&telnum=74953808397",
    ),
    Operation(
        "11.4",
        "GET /blacklist/block-anonymous",
        lambda client: client.block_anonymous(),
        "GET /blacklist/block-anonymous",
        "block_anonymous_on.json",
        lambda state: state is True,
    ),
    Operation(
        "11.4",
        "POST /blacklist/block-anonymous",
        lambda client: client.enable_block_anonymous(),
        "POST /blacklist/block-anonymous",
    ),
    Operation(
        "11.4",
        "DELETE /blacklist/block-anonymous",
        lambda client: client.disable_block_anonymous(),
        "DELETE /blacklist/block-anonymous",
    ),
]
