"""Whoever gets into one container finds nothing to write to, no privileges, and only those neighbours whom it needs."""

import importlib

import pytest

from tests.unit.compose.stack import COMPOSE, LASTING, OURS, SERVICES, environment, program

NETWORKS = {name: of or {} for name, of in COMPOSE["networks"].items()}
WITHOUT_KAFKA = {"api", "web", "migrate"}
"""What the services do without a broker; every other role reads or writes topics."""
LETTERS = "console-web"
"""Web, and yet it reads topics: people put dead letters back by its pages."""
GOES_OUT = {
    "cart-api": "identity providers' keys",
    "notifier-delivery": "the relay and the providers",
    "console-consumer": "the relay of mails to ops",
}


def networks(name: str) -> set[str]:
    return set(SERVICES[name]["networks"])


def roles(name: str) -> set[str]:
    module, arguments = program(name)
    return set(arguments) if module.startswith("services.") else set()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_capability_and_gains_no_privilege(name: str) -> None:
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert "cap_add" not in SERVICES[name], "no image needs one: PostgreSQL starts as its own user"
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "network_mode", "pid", "ipc", "userns_mode", "devices"} & set(SERVICES[name])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_writes_to_its_volumes_and_to_memory_alone(name: str) -> None:
    assert SERVICES[name]["read_only"] is True
    assert ("/tmp:exec" if name == "kafka" else "/tmp") in SERVICES[name]["tmpfs"]


@pytest.mark.parametrize("name", OURS)
def test_a_program_of_ours_has_no_volume_that_it_could_write_to(name: str) -> None:
    assert all(volume["read_only"] for volume in SERVICES[name].get("volumes", []))


def test_postgres_never_was_root() -> None:
    assert SERVICES["postgres"]["user"] == "postgres"


def test_the_networks_of_data_lead_nowhere_unless_somebody_says_so() -> None:
    closed = {name for name, of in NETWORKS.items() if of.get("internal") == "${EVERCART_NETWORKS_INTERNAL:-true}"}
    assert closed == {"data", "events", "inside"}
    assert set(NETWORKS) - closed == {"edge"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_on_the_networks_that_it_needs_and_on_no_other(name: str) -> None:
    told = environment(name)
    stored = name == "postgres" or any(key.endswith("_DATABASE_URL") for key in told)
    streams = name in {"kafka", "topics"} or bool(roles(name) - WITHOUT_KAFKA) or name == LETTERS
    asked = name in {"playground", "prometheus"} or (name in LASTING and bool(roles(name)))
    outside = bool(SERVICES[name].get("ports")) or name in GOES_OUT
    needed = {"data": stored, "events": streams, "inside": asked, "edge": outside}
    assert networks(name) == {network for network, needs in needed.items() if needs}


def test_the_roles_without_a_broker_are_roles() -> None:
    services = ("cart", "trigger", "notifier", "console")
    known = {role for service in services for role in importlib.import_module(f"services.{service}.main").ROLES}
    assert known | {"migrate"} >= WITHOUT_KAFKA


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("topics", "kafka"),
        ("cart-migrate", "postgres"),
        ("notifier-delivery", "cart-api"),
        ("notifier-delivery", "mailpit"),
        ("notifier-delivery", "playground"),
        ("playground", "cart-api"),
        ("playground", "notifier-web"),
        ("grafana", "prometheus"),
        *(("prometheus", name) for name in OURS if name in LASTING and roles(name)),
    ],
)
def test_who_calls_another_can_reach_it(name: str, other: str) -> None:
    assert networks(name) & networks(other)
