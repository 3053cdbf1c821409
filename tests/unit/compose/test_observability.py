"""Prometheus asks every process, and the dashboard shows metrics that exist, by labels that exist."""

import importlib
import json
import pkgutil
import re
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY, Gauge

import libs
import services
from tests.unit.compose.stack import LASTING, OURS, ROOT, SERVICES

FOLDER = ROOT / "deploy/observability"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana/dashboards/evercart.json").read_text(encoding="utf-8"))
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
PROMETHEUS = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
[ALERTS] = [group["rules"] for group in yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]]


def published() -> dict[str, set[str]]:
    """Sample name → labels, of every metric that a process of ours can have."""
    for package in (libs, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found: dict[str, set[str]] = {}
    for collector in set(REGISTRY._collector_to_names):
        labels = set(getattr(collector, "_labelnames", ()))
        for name in REGISTRY._collector_to_names[collector]:
            found[name] = labels | ({"le"} if name.endswith("_bucket") else set())
    return found


PUBLISHED = published()


@pytest.mark.parametrize("query", QUERIES)
def test_the_dashboard_asks_for_metrics_that_exist(query: str) -> None:
    asked = re.findall(r"\b(evercart_\w+)", query)
    assert asked
    assert [name for name in asked if name not in PUBLISHED] == []


@pytest.mark.parametrize("query", QUERIES)
def test_the_dashboard_groups_by_labels_that_exist(query: str) -> None:
    asked = re.findall(r"\b(evercart_\w+)", query)
    labels = {label.strip() for by in re.findall(r"by \(([^)]*)\)", query) for label in by.split(",")}
    assert labels <= {"job"} | set().union(*(PUBLISHED[name] for name in asked))


def metrics() -> list[Any]:
    """Every metric of ours, as its module made it."""
    return [one for one in set(REGISTRY._collector_to_names) if getattr(one, "_name", "").startswith("evercart_")]


def test_every_metric_is_on_a_panel() -> None:
    """Story: deliveries were put off all night, it was counted, and nobody saw it."""
    shown = {name for query in QUERIES for name in re.findall(r"\bevercart_\w+", query)}
    assert {one._name for one in metrics() if not shown & set(REGISTRY._collector_to_names[one])} == set()


def test_a_gauge_that_tells_of_an_outage_says_nothing_where_nobody_measures() -> None:
    """Story: the consumer was dead, and the constant 0 of the timers' process stood where its lag had been.

    What has no label has a value from the start, in every process that imports it.
    """
    from_the_start = {one._name for one in metrics() if isinstance(one, Gauge) and not one._labelnames}
    harmless = {
        "evercart_clock_offset_seconds",  # shown by process
        "evercart_outbox_relay_leader",  # summed
        "evercart_cart_streams_open",
        "evercart_cart_streams_listening",
        "evercart_cart_stream_bytes_waiting",
    }
    assert from_the_start == harmless


def test_panels_have_ids_and_places_of_their_own() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert len({str(panel["gridPos"]) for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    for panel in DASHBOARD["panels"]:
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_every_service_has_its_place_on_the_dashboard() -> None:
    shown = {name.split("_")[1] for query in QUERIES for name in re.findall(r"\bevercart_\w+", query)}
    assert {"cart", "trigger", "notifier", "console", "outbox", "inbox", "dead"} <= shown


def test_prometheus_asks_every_process_of_every_service() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    asked = {job["job_name"]: job["static_configs"][0]["targets"] for job in config["scrape_configs"]}
    running = [n for n in OURS if n in LASTING and not SERVICES[n].get("profiles")]
    assert asked == {
        service: [f"{name}:8080" for name in running if name.startswith(f"{service}-")]
        for service in ("cart", "trigger", "notifier", "console")
    }


def test_grafana_finds_its_source_and_its_dashboard() -> None:
    sources = yaml.safe_load((FOLDER / "grafana/datasources/prometheus.yml").read_text(encoding="utf-8"))
    used = {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]}
    assert used == {source["uid"] for source in sources["datasources"]}
    assert SERVICES["grafana"]["volumes"][0] == "./deploy/observability/grafana:/etc/grafana/provisioning:ro"


def test_prometheus_reads_the_alerts() -> None:
    assert PROMETHEUS["rule_files"] == ["alerts.yml"]
    assert "./deploy/observability/alerts.yml:/etc/prometheus/alerts.yml:ro" in SERVICES["prometheus"]["volumes"]
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_exists_and_says_what_is_wrong(rule: dict[str, Any]) -> None:
    """Story (gumroad#6057): the job was dead for months, and nobody knew."""
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"page", "ticket"}
    asked = re.findall(r"\b(evercart_\w+)", rule["expr"])
    assert asked or rule["expr"] == "up == 0"
    assert [name for name in asked if name not in PUBLISHED] == []
    labels = {"job", "instance"}.union(*(PUBLISHED[name] for name in asked))
    used = re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]) + re.findall(r"[{,]\s*(\w+)=", rule["expr"])
    assert set(used) <= labels
    assert rule["expr"].count("(") == rule["expr"].count(")")
