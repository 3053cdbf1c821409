"""docker-compose.yml starts what exists, in an order that holds, and keeps it within bounds."""

import argparse
import importlib
import re
from typing import Any

import pytest

from deploy.kafka.topics import main as create_topics
from libs.http.health import health_routes
from tests.unit.compose.stack import COMPOSE, LASTING, ONE_SHOTS, OURS, ROOT, SERVICES, environment, filled, program

HEALTHY, DONE = "service_healthy", "service_completed_successfully"


def conditions(name: str) -> dict[str, str]:
    return {other: d["condition"] for other, d in (SERVICES[name].get("depends_on") or {}).items()}


def test_the_services_stand_in_the_order_of_the_flow() -> None:
    flow = ["cart-api", "cart-relay", "trigger-consumer", "trigger-timers", "notifier-consumer", "notifier-delivery"]
    assert [name for name in SERVICES if name in flow] == flow


@pytest.mark.parametrize("name", [n for n in OURS if program(n)[0].startswith("services.")])
def test_a_service_runs_roles_that_exist(name: str) -> None:
    module, roles = program(name)
    assert set(roles) <= {"migrate", *importlib.import_module(module).ROLES}


@pytest.mark.parametrize("service", ["cart", "trigger", "notifier", "console"])
def test_every_role_is_run_once_and_migrations_by_a_one_shot(service: str) -> None:
    module = f"services.{service}.main"
    running = [role for name in LASTING if program(name)[0] == module for role in program(name)[1]]
    assert sorted(running) == sorted(importlib.import_module(module).ROLES)
    assert program(f"{service}-migrate") == (module, ["migrate"])


def test_the_topics_are_created_by_a_command_that_takes_these_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    module, written = program("topics")
    arguments = [filled(argument, {"KAFKA_REPLICATION": "3", "KAFKA_TOPIC_PREFIX": "shop."}) for argument in written]
    seen: list[argparse.Namespace] = []
    parse = argparse.ArgumentParser.parse_args

    def remember(self: argparse.ArgumentParser, *_: Any) -> argparse.Namespace:
        seen.append(parse(self, arguments))
        raise SystemExit

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", remember)
    assert create_topics.__module__ == module
    with pytest.raises(SystemExit):
        create_topics()
    assert (seen[0].bootstrap, seen[0].replication, seen[0].prefix) == (None, 3, "shop.")
    assert [filled(argument, {}) for argument in written] == ["--replication", "1", "--prefix", ""]


@pytest.mark.parametrize("name", [n for n in OURS if n in LASTING])
def test_a_process_answers_health_checks_where_its_image_asks(name: str) -> None:
    told = environment(name)
    prefix = next(iter(told)).partition("_")[0]
    serves = {"api", "web"} & set(program(name)[1]) or prefix == "PLAYGROUND"
    host, port = ("HOST", "PORT") if serves else ("HEALTH_HOST", "HEALTH_PORT")
    assert told[f"{prefix}_{host}"] == "0.0.0.0"
    dockerfile = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    assert f'"/app/deploy/healthcheck.py", "{told[f"{prefix}_{port}"]}"]' in dockerfile
    assert "healthcheck" not in SERVICES[name], "the image has one"


def test_the_health_check_asks_for_a_path_that_is_served() -> None:
    asked = re.search(r'path: str = "(.*)"', (ROOT / "deploy/healthcheck.py").read_text(encoding="utf-8"))
    assert asked
    assert asked[1] in {route.path for route in health_routes({})}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_health_or_success_and_never_for_a_mere_start(name: str) -> None:
    for other, condition in conditions(name).items():
        assert condition == (DONE if other in ONE_SHOTS else HEALTHY)


@pytest.mark.parametrize("name", ONE_SHOTS)
def test_somebody_waits_for_every_one_shot_so_that_up_wait_knows_it_may_end(name: str) -> None:
    assert name in {other for service in SERVICES for other in conditions(service)}


@pytest.mark.parametrize("service", ["cart", "trigger", "notifier", "console"])
def test_nobody_starts_before_the_schema_and_nobody_reads_before_the_topics(service: str) -> None:
    for name in OURS:
        module, roles = program(name)
        if module == f"services.{service}.main" and name in LASTING:
            assert f"{service}-migrate" in conditions(name)
            if set(roles) - {"api", "web"}:
                assert "topics" in conditions(name)


@pytest.mark.parametrize("name", SERVICES)
def test_ports_open_on_this_machine_only(name: str) -> None:
    for port in SERVICES[name].get("ports") or []:
        assert re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z]+_PUBLISHED_PORT:-\d+\}:\d+", port)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_bounded_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == ("no" if name in ONE_SHOTS else "unless-stopped")
    assert service["mem_limit"]
    assert service["logging"]["options"]["max-size"]
    assert not {"container_name", "privileged", "network_mode", "links", "pid"} & set(service)


@pytest.mark.parametrize("name", OURS)
def test_our_programs_have_longer_to_stop_than_requests_have_to_end(name: str) -> None:
    assert SERVICES[name]["stop_grace_period"] == "30s"
    assert SERVICES[name]["pids_limit"]


@pytest.mark.parametrize("name", [n for n in LASTING if n not in OURS])
def test_the_servers_of_others_have_a_health_check_here(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_profiles_are_the_two_that_the_head_of_the_file_tells_of() -> None:
    assert {p for s in SERVICES.values() for p in s.get("profiles", [])} == {"local", "observability"}


def test_every_volume_is_used_and_every_mounted_file_exists() -> None:
    mounts = [m for s in SERVICES.values() for m in s.get("volumes") or [] if isinstance(m, str)]
    sources = {mount.split(":")[0] for mount in mounts}
    assert {s for s in sources if not s.startswith(".")} == set(COMPOSE["volumes"])
    assert [s for s in sources if s.startswith(".") and not (ROOT / s).exists()] == []


def test_the_databases_are_made_that_the_services_connect_to() -> None:
    script = (ROOT / "deploy/postgres/init.sh").read_text(encoding="utf-8")
    made = re.findall(r'^service (\w+) "\$(\w+)"$', script, re.MULTILINE)
    assert made == [(n, f"{n.upper()}_DB_PASSWORD") for n in ("cart", "trigger", "notifier", "console")]
    assert {password for _, password in made} <= set(environment("postgres"))
    assert (ROOT / "deploy/postgres/init.sh").stat().st_mode & 0o111
