"""Chapters 12 to 14."""

from pbx.vats_rest.wire.outgoing import AllowGroup, AllowUser
from tests.pbx.vats_rest.operations.operation import Operation

MELODY = "27f58ad3-c06f-4467-8326-f3be27ad9aed_85292815-38d8-43d7-a10f-30e0ef3c56f4"
DEPARTMENT = "g_fa279a6a-f2c6-43f1-b5aa-8122a629a978"

SETTINGS = [
    Operation(
        "12.1",
        "GET /domain",
        lambda client: client.domain(),
        "GET /domain",
        "domain_with_group_limit.json",
        lambda domain: (
            (domain.timezone.offset, domain.limits.users.total, domain.limits.groups.used, domain.services.branch)
            == (180, 15, 5, False)
        ),
    ),
    Operation(
        "12.2",
        "GET /music",
        lambda client: client.music(),
        "GET /music",
        "music.json",
        lambda music: (music.ringback.file, music.holdmusic.uploaded) == ("holdmusic", True),
    ),
    Operation(
        "12.3",
        "POST /music/{type}",
        lambda client: client.set_music("ringback", MELODY),
        "POST /music/ringback",
        body={"file": MELODY},
    ),
    Operation(
        "12.4",
        "GET /media-catalog/{type}",
        lambda client: client.media_catalog("music"),
        "GET /media-catalog/music",
        "media_catalog.json",
        lambda files: [file.name for file in files] == ["Music_1.mp3", "Music_2.mp3"],
    ),
    Operation(
        "12.5",
        "GET /record",
        lambda client: client.record(),
        "GET /record",
        "record.json",
        lambda record: (
            (record.inner, [user.login for user in record.users_exception]) == (True, ["admin", "director"])
        ),
    ),
    Operation(
        "12.5",
        "POST /record/users-exception",
        lambda client: client.add_record_exceptions(["admin", "director"]),
        "POST /record/users-exception",
        body=["admin", "director"],
    ),
    Operation(
        "12.5",
        "DELETE /record/users-exception",
        lambda client: client.delete_record_exceptions(["admin", "user2"]),
        "DELETE /record/users-exception?user=admin&user=user2",
    ),
    Operation(
        "12.6",
        "GET /access-rights/custom-roles",
        lambda client: client.custom_roles(),
        "GET /access-rights/custom-roles",
        "custom_roles.json",
        lambda roles: (roles[0].name, roles[0].rights) == ("Бухгалтерия", ("users.get", "groups.get", "more.edit")),
    ),
    Operation(
        "12.7",
        "GET /blf/users",
        lambda client: client.blf_users(),
        "GET /blf/users",
        "blf_users.json",
        lambda users: [user.login for user in users] == ["admin", "user2", "user"],
    ),
    Operation(
        "12.7",
        "POST /blf/users",
        lambda client: client.add_blf_users(["user3", "user4"]),
        "POST /blf/users",
        body=["user3", "user4"],
    ),
    Operation(
        "12.7",
        "DELETE /blf/users",
        lambda client: client.delete_blf_users(["user1", "user2"]),
        "DELETE /blf/users?user=user1&user=user2",
    ),
    Operation(
        "12.8",
        "GET /am",
        lambda client: client.answering_machine(),
        "GET /am",
        "answering_machine.json",
        lambda machine: (machine.all, len(machine.users), machine.groups[0].name) == (False, 2, "Отдел продаж"),
    ),
    Operation(
        "12.8",
        "POST /am/users",
        lambda client: client.add_answering_machine_users(["user1", "user2"]),
        "POST /am/users",
        body=["user1", "user2"],
    ),
    Operation(
        "12.8",
        "DELETE /am/users",
        lambda client: client.delete_answering_machine_users(["user1", "user2"]),
        "DELETE /am/users?user=user1&user=user2",
    ),
    Operation(
        "12.8",
        "POST /am/groups",
        lambda client: client.add_answering_machine_groups(["group1", "group2"]),
        "POST /am/groups",
        body=["group1", "group2"],
    ),
    Operation(
        "12.8",
        "DELETE /am/groups",
        lambda client: client.delete_answering_machine_groups(["group1", "group2"]),
        "DELETE /am/groups?group=group1&group=group2",
    ),
    Operation(
        "13.1",
        "GET /caller-ids",
        lambda client: client.caller_ids(),
        "GET /caller-ids",
        "caller_ids.json",
        lambda ids: (
            (ids.main, ids.users[0].login, ids.groups[0].telnum, ids.regions[0].mode)
            == ("79262005060", "admin", "79264010121", "all")
        ),
    ),
    Operation(
        "13.2",
        "GET /caller-ids/telnums",
        lambda client: client.caller_id_telnums(),
        "GET /caller-ids/telnums",
        "caller_id_telnums.json",
        lambda telnums: [one.enabled for one in telnums] == [True, False],
    ),
    Operation(
        "13.3",
        "POST /caller-ids/main",
        lambda client: client.set_main_caller_id("79262005060"),
        "POST /caller-ids/main",
        body={"telnum": "79262005060"},
    ),
    Operation(
        "13.4",
        "POST /caller-ids/users",
        lambda client: client.set_user_caller_id("admin", "79262005060"),
        "POST /caller-ids/users",
        body={"telnum": "79262005060", "login": "admin"},
    ),
    Operation(
        "13.4",
        "DELETE /caller-ids/users/{user}",
        lambda client: client.delete_user_caller_id("admin"),
        "DELETE /caller-ids/users/admin",
    ),
    Operation(
        "13.4",
        "POST /caller-ids/groups",
        lambda client: client.set_group_caller_id("sales", "79264010121"),
        "POST /caller-ids/groups",
        body={"telnum": "79264010121", "id": "sales"},
    ),
    Operation(
        "13.4",
        "DELETE /caller-ids/groups/{id}",
        lambda client: client.delete_group_caller_id("sales"),
        "DELETE /caller-ids/groups/sales",
    ),
    Operation(
        "13.5",
        "POST /caller-ids/regions",
        lambda client: client.set_region_caller_id("2", "79267616794", mode="mobile"),
        "POST /caller-ids/regions",
        body={"telnum": "79267616794", "id": "2", "mode": "mobile"},
    ),
    Operation(
        "13.5",
        "DELETE /caller-ids/regions/{id}?mode={mode}",
        lambda client: client.delete_region_caller_id("2", mode="fixed"),
        "DELETE /caller-ids/regions/2?mode=fixed",
    ),
    Operation(
        "13.5",
        "GET /caller-ids/regions",
        lambda client: client.regions(),
        "GET /caller-ids/regions",
        "regions.json",
        lambda regions: [(region.id, region.name) for region in regions][1] == ("43", "Москва и Московская обл."),
    ),
    Operation(
        "14.1",
        "GET /calls-restrictions",
        lambda client: client.calls_restrictions(),
        "GET /calls-restrictions",
        "calls_restrictions.json",
        lambda rules: (
            (rules.main, rules.users[1].allowed, rules.groups[0].allowed)
            == (("LOCAL",), ("ALL",), ("LOCAL", "RU", "CIS"))
        ),
    ),
    Operation(
        "14.2",
        "POST /calls-restrictions/main",
        lambda client: client.allow_all(["CIS"]),
        "POST /calls-restrictions/main",
        body={"allowed": ["CIS"]},
    ),
    Operation(
        "14.2",
        "DELETE /calls-restrictions/main",
        lambda client: client.disallow_all(["CIS", "RU"]),
        "DELETE /calls-restrictions/main?allowed=CIS&allowed=RU",
    ),
    Operation(
        "14.3",
        "POST /calls-restrictions/users",
        lambda client: client.allow_users(
            [AllowUser(login="admin", allowed=("CIS",)), AllowUser(login="director", allowed=("RU",))]
        ),
        "POST /calls-restrictions/users",
        body=[{"login": "admin", "allowed": ["CIS"]}, {"login": "director", "allowed": ["RU"]}],
    ),
    Operation(
        "14.3",
        "DELETE /calls-restrictions/users/{login}",
        lambda client: client.disallow_user("admin", ["CIS"]),
        "DELETE /calls-restrictions/users/admin?allowed=CIS",
    ),
    Operation(
        "14.4",
        "POST /calls-restrictions/groups",
        lambda client: client.allow_groups([AllowGroup(id=DEPARTMENT, allowed=("CIS",))]),
        "POST /calls-restrictions/groups",
        body=[{"id": DEPARTMENT, "allowed": ["CIS"]}],
    ),
    Operation(
        "14.4",
        "DELETE /calls-restrictions/groups/{id}",
        lambda client: client.disallow_group(DEPARTMENT, ["CIS", "RU"]),
        f"DELETE /calls-restrictions/groups/{DEPARTMENT}?allowed=CIS&allowed=RU",
    ),
]
