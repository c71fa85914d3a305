"""Chapters 4 to 8."""

from datetime import UTC, datetime

from pbx.vats_rest.wire.people import (
    GroupChange,
    GroupUsersChange,
    NewGroup,
    NewUser,
    SetMember,
    SetMobileRedirect,
    SetTimeout,
    UserChange,
)
from tests.pbx.vats_rest.operations.operation import Operation, collected

SINCE, UNTIL = datetime(2022, 1, 20, tzinfo=UTC), datetime(2022, 1, 20, 12, 30, 5, tzinfo=UTC)

CALLS_AND_PEOPLE = [
    Operation(
        "4.1",
        "GET /history/csv",
        lambda client: client.history_csv(start=SINCE, end=UNTIL, type="missed", user="admin", limit=10),
        "GET /history/csv?start=20220120T000000Z&end=20220120T123005Z&type=missed&limit=10&user=admin",
        "history_csv_type_holds_the_status.csv",
        lambda rows: (
            [(row.uid, row.type, row.account, row.via, row.wait, row.duration, row.rating) for row in rows]
            == [
                ("3934307521", "missed", "sales@domain", "79262005060", 13, 0, ""),
                ("1755936870", "success", "admin@domain", "79262005060", 5, 23, ""),
            ]
        ),
    ),
    Operation(
        "4.2",
        "GET /history/json",
        lambda client: client.history_json(
            period="today",
            type="all",
            limit=100,
            diversion="74954010121",
            client="79263808397",
            groups=["sales", "support"],
            first_answered=True,
            process_missed=True,
            missed_status=[3, 4],
        ),
        "GET /history/json?period=today&type=all&limit=100&diversion=74954010121&client=79263808397"
        "&groups=sales&groups=support&first_answered=true&processMissed=true&missedStatus=3&missedStatus=4",
        "history_json_missed_by_department.json",
        lambda rows: (
            [(row.uid, row.type, row.status, row.destination, row.user, row.group_name) for row in rows]
            == [
                ("3934307521", "in", "missed", "group", "", "Отдел продаж"),
                ("1755936870", "in", "success", "", "admin", ""),
            ]
        ),
    ),
    Operation(
        "4.3",
        "GET /history/inner/csv",
        lambda client: client.history_inner_csv(period="this_week", type="noanswer", limit=100),
        "GET /history/inner/csv?period=this_week&type=noanswer&limit=100",
        "history_inner_csv_direction_for_status.csv",
        lambda rows: (
            [(row.uid, row.status, row.caller, row.callee, row.wait) for row in rows]
            == [
                ("1910575453", "out", "admin@domain", "manager@domain", 5),
                ("2012250090", "in", "manager@domain", "admin@domain", 11),
            ]
        ),
    ),
    Operation(
        "4.4",
        "GET /history/inner/json",
        lambda client: client.history_inner_json(period="today", type="all", limit=100),
        "GET /history/inner/json?period=today&type=all&limit=100",
        "history_inner_json.json",
        lambda rows: (
            [(row.status, row.caller, row.callee, row.to_name, row.duration) for row in rows]
            == [
                ("noanswer", "admin", "manager", "Иванов Иван", 0),
                ("success", "admin", "manager", "Иванов Иван", 23),
            ]
        ),
    ),
    Operation(
        "5.1",
        "POST /makecall",
        lambda client: client.makecall("74952005060", user="admin", clid="79261904198"),
        "POST /makecall",
        "makecall_with_clid.json",
        lambda made: (made.callid, made.clid) == ("2015948553", "79261904198"),
        {"phone": "74952005060", "user": "admin", "clid": "79261904198"},
    ),
    Operation(
        "5.1 for a department",
        "POST /makecall",
        lambda client: client.makecall("74952005060", group="sales", show_phone=False),
        "POST /makecall",
        "makecall_with_clid.json",
        lambda made: made.callid == "2015948553",
        {"phone": "74952005060", "group": "sales", "show_phone": False},
    ),
    Operation(
        "5.1 revision 1",
        "POST /makecall",
        lambda client: client.makecall("79101234567", user="admin"),
        "POST /makecall",
        "makecall_revision_1.json",
        lambda made: (made.callid, made.clid) == ("134hj4645hfg784tu4ch5", ""),
        {"phone": "79101234567", "user": "admin"},
    ),
    Operation(
        "6.1",
        "GET /users",
        lambda client: collected(client.users(with_status=True)),
        "GET /users?with=status",
        "users_with_status.json",
        lambda users: (
            [(user.login, user.ext, user.role, user.mobile, user.status) for user in users]
            == [
                ("admin", "701", "admin", "", "online"),
                ("director", "703", "admin", "", "online"),
                ("user1", "702", "user", "79261904198", "offline"),
            ]
            and users[2].mobile_redirect.delay == 15
        ),
    ),
    Operation(
        "6.2",
        "GET /users/{login}",
        lambda client: client.user("admin", with_status=True),
        "GET /users/admin?with=status",
        "user_with_mobile.json",
        lambda user: (
            (user.email, user.mobile, user.mobile_redirect.forward) == ("admin@example.com", "79263808397", False)
        ),
    ),
    Operation(
        "6.3",
        "POST /users",
        lambda client: client.add_user(
            NewUser(
                name="Пользователь",
                mobile="79267616794",
                mobile_redirect=SetMobileRedirect(enabled=True, delay=15),
            )
        ),
        "POST /users",
        "user_added.json",
        lambda user: (user.login, user.ext, user.position) == ("u704", "704", "Менеджер"),
        {"name": "Пользователь", "mobile": "79267616794", "mobile_redirect": {"enabled": True, "delay": 15}},
    ),
    Operation(
        "6.4",
        "PUT /users/{login}",
        lambda client: client.edit_user("u704", UserChange(name="Иванов Иван", role="admin", ext="708")),
        "PUT /users/u704",
        "user_edited.json",
        lambda user: (user.login, user.ext, user.role) == ("u704", "708", "admin"),
        {"name": "Иванов Иван", "role": "admin", "ext": "708"},
    ),
    Operation("6.5", "DELETE /users/{login}", lambda client: client.delete_user("u704"), "DELETE /users/u704"),
    Operation(
        "6.6",
        "GET /users/{login}/groups",
        lambda client: client.user_groups("admin"),
        "GET /users/admin/groups",
        "user_groups.json",
        lambda groups: (
            [(group.name, group.ext) for group in groups] == [("Отдел кадров", "705"), ("Отдел продаж", "700")]
        ),
    ),
    Operation(
        "6.7",
        "GET /users/{login}/subscription?group_id={group}",
        lambda client: client.subscription("admin", "sales"),
        "GET /users/admin/subscription?group_id=sales",
        "subscription_on.json",
        lambda state: state is True,
    ),
    Operation(
        "6.7",
        "POST /users/{login}/subscription?group_id={group}",
        lambda client: client.subscribe("admin", "sales"),
        "POST /users/admin/subscription?group_id=sales",
    ),
    Operation(
        "6.7",
        "DELETE /users/{login}/subscription?group_id={group}",
        lambda client: client.unsubscribe("admin", "sales"),
        "DELETE /users/admin/subscription?group_id=sales",
    ),
    Operation(
        "6.8",
        "POST /users/{login}/subscription",
        lambda client: client.subscribe_to_all("admin"),
        "POST /users/admin/subscription",
    ),
    Operation(
        "6.8",
        "DELETE /users/{login}/subscription",
        lambda client: client.unsubscribe_from_all("admin"),
        "DELETE /users/admin/subscription",
    ),
    Operation(
        "6.9",
        "GET /users/{login}/dnd",
        lambda client: client.dnd("701"),
        "GET /users/701/dnd",
        "dnd_state_true.json",
        lambda state: state is True,
    ),
    Operation("6.9", "POST /users/{login}/dnd", lambda client: client.enable_dnd("701"), "POST /users/701/dnd"),
    Operation("6.9", "DELETE /users/{login}/dnd", lambda client: client.disable_dnd("701"), "DELETE /users/701/dnd"),
    Operation(
        "8.1",
        "GET /groups",
        lambda client: collected(client.groups(search="отдел", limit=2)),
        "GET /groups?search=отдел&limit=2",
        "groups.json",
        lambda groups: (
            [(group.id[:5], group.ext, group.call_order, len(group.users)) for group in groups]
            == [("g_0a9", "704", "EVENLY", 2), ("sales", "700", "BYORDER", 3)]
            and groups[0].users[1].is_absence_active is True
            and groups[1].timeout.target == "voicemail"
        ),
    ),
    Operation(
        "8.2",
        "GET /groups/{groupId}",
        lambda client: client.group("sales"),
        "GET /groups/sales",
        "group.json",
        lambda group: (group.timeout.user, group.timeout.time, group.users[2].calls_enable) == ("admin", 120, False),
    ),
    Operation(
        "8.3",
        "POST /groups",
        lambda client: client.add_group(
            NewGroup(
                name="Отдел поставок",
                call_order="EVENLY",
                call_duration=10,
                advanced="callback",
                timeout=SetTimeout(time=30, target="user", user="admin"),
                users=(SetMember(login="admin", calls_enable=True), SetMember(login="ivan", calls_enable=False)),
            )
        ),
        "POST /groups",
        "group_added.json",
        lambda group: (group.id, group.advanced) == ("g_0a922987-97ac-4f45-9e47-59a27d23c2cb", "callback"),
        {
            "name": "Отдел поставок",
            "call_order": "EVENLY",
            "call_duration": 10,
            "advanced": "callback",
            "timeout": {"time": 30, "target": "user", "user": "admin"},
            "users": [{"login": "admin", "calls_enable": True}, {"login": "ivan", "calls_enable": False}],
        },
    ),
    Operation(
        "8.4",
        "PUT /groups/{groupId}",
        lambda client: client.edit_group(
            "sales", GroupChange(call_order="BYORDER", call_duration=10, advanced="off")
        ),
        "PUT /groups/sales",
        "group_edited.json",
        lambda group: (group.call_order, group.queue_position) == ("BYORDER", False),
        {"call_order": "BYORDER", "call_duration": 10, "advanced": "off"},
    ),
    Operation("8.5", "DELETE /groups/{groupId}", lambda client: client.delete_group("sales"), "DELETE /groups/sales"),
    Operation(
        "8.6",
        "POST /groups/{groupId}/users",
        lambda client: client.edit_group_users(
            "sales",
            GroupUsersChange(
                add=("manager", "u707"), position=2, calls_disable=("ivan", "user2"), remove=("admin", "user5")
            ),
        ),
        "POST /groups/sales/users",
        body={
            "add": ["manager", "u707"],
            "position": 2,
            "calls_disable": ["ivan", "user2"],
            "remove": ["admin", "user5"],
        },
    ),
]
