"""The dashboard and the alert rules name metrics and labels that the program really has."""

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from desk import polling, reconcile, tokens
from tests.office import Office, an_office
from tests.simulators import Simulated

MONITORING = Path("docs/monitoring")
#: What a scrape adds, and what a histogram does.
SCRAPED, BOUND = {"instance", "job"}, "le"
#: Words of PromQL that stand where a name could.
WORDS = {
    *("sum", "max", "min", "by", "on", "and", "or", "unless", "rate", "increase", "absent", "time"),
    *("histogram_quantile", "ignoring", "without", "group_left"),
}
DURATION = re.compile(r"\d+[smhdw]")


async def real(office: Office) -> dict[str, set[str]]:
    """Every metric to its labels, from an office that has done one of everything."""
    await office.connected()
    office.tg.weather.flood(1, methods=["sendMessage"], times=1)
    await office.pbx_says({"cmd": "history", "type": "in", "status": "Missed", "phone": "79100000001", "callid": "1"})
    await polling.poll(office.desk, "second")
    await tokens.keep_alive(office.desk, office.desk.pbxes["second"])
    await reconcile.reconcile(office.desk, "main", reconcile.LONGEST)
    found: dict[str, set[str]] = defaultdict(set)
    async with office.http.get(f"{office.url}/metrics") as response:
        for line in (await response.text()).splitlines():
            match = re.match(r"(ringdesk_\w+)(?:\{(.*)\})? ", line)
            if match and not match[1].endswith("_created"):
                found[match[1]] |= set(re.findall(r'(\w+)="', match[2] or ""))
    return found


def alerts() -> list[dict[str, Any]]:
    rules = yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in rules["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((MONITORING / "grafana.json").read_text(encoding="utf-8"))
    return read


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in alerts())
    for panel in dashboard()["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    yield from (one["expr"] for one in dashboard()["annotations"]["list"])


def used(expression: str) -> tuple[set[str], set[str]]:
    """The metrics and the labels that an expression names. Anything else that it names is a word of PromQL."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    selectors = re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"\"", bare)
    grouped = [one for group in re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", bare) for one in re.findall(r"\w+", group)]
    names = set(re.findall(r"\b[a-zA-Z_]\w*", re.sub(DURATION, "", bare)))
    metrics = {name for name in names if name.startswith("ringdesk_")}
    labels = {*selectors, *grouped}
    assert names - metrics - labels <= WORDS, expression
    return metrics, labels


def balanced(expression: str) -> bool:
    """Brackets match; with PromQL's own words made into calls and operators of Python, it parses."""
    python = re.sub(r"\[[^\]]*\]|\{[^}]*\}", "", expression)
    python = re.sub(r"\b(by|on)\s*\([^)]*\)", "", python)
    python = re.sub(r"\b(and|or)\b", "+", python)
    try:
        ast.parse(python.strip(), mode="eval")
    except SyntaxError:
        return False
    return True


async def test_every_metric_and_label_that_is_watched_exists(sqlite_url: str) -> None:
    async with an_office(sqlite_url, pbxes=(Simulated(), Simulated("t2", "second"))) as office:
        metrics = await real(office)
    for expression in expressions():
        names, labels = used(expression)
        assert names, expression
        assert names <= metrics.keys(), expression
        assert labels <= set().union(*(metrics[name] for name in names)) | SCRAPED, expression
    counted = {re.sub(r"_(bucket|count|sum)$", "", name) for name in metrics}
    watched = {re.sub(r"_bucket$", "", name) for expression in expressions() for name in used(expression)[0]}
    assert counted - watched == set(), "nobody watches these"


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_every_expression_is_well_formed(expression: str) -> None:
    assert balanced(expression)


def test_a_metric_that_is_not_there_is_noticed() -> None:
    assert used('sum by (pbx) (rate(ringdesk_events_total{result=~"a|b"}[5m])) > 3') == (
        {"ringdesk_events_total"}, {"pbx", "result"},
    )  # fmt: skip
    with pytest.raises(AssertionError):
        used("sum(rat(ringdesk_events_total[5m]))")
    assert not balanced("sum(rate(ringdesk_events_total[5m])")


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    names = [rule["alert"] for rule in alerts()]
    assert len(set(names)) == len(names) >= 15
    for rule in alerts():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert DURATION.fullmatch(rule.get("for", "0s"))
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"].keys() == {"summary", "action"}


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    read = dashboard()
    assert read["schemaVersion"] >= 36
    ids = [panel["id"] for panel in read["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in read["panels"]:
        assert panel["type"] in ("stat", "timeseries", "table")
        assert panel["title"]
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        refs = [target["refId"] for target in panel["targets"]]
        assert len(set(refs)) == len(refs) > 0
