"""A stack's identity: ports, secrets, and the file that keeps them."""

import socket
import stat
from pathlib import Path

import pytest

from deploy.local.errors import LocalStackError
from deploy.local.folders import is_held, running_states, take
from deploy.local.program import free_ports
from deploy.local.servers import own_kafka
from deploy.local.services import trigger_env
from deploy.local.stack import Ports, Stack
from deploy.local.up import Wanted, prepare
from libs.kafka.cluster import Cluster, Sasl


def test_free_ports_are_kept_and_taken_ones_replaced() -> None:
    first = Ports.settle(Ports())
    assert len(set(first.model_dump().values())) == len(Ports.model_fields)
    with socket.create_server(("127.0.0.1", first.cart)):
        second = Ports.settle(first)
    assert second.cart != first.cart
    assert second.model_dump(exclude={"cart"}) == first.model_dump(exclude={"cart"})


def test_no_port_is_given_twice() -> None:
    (preferred,) = free_ports([0])
    first, second = free_ports([preferred, preferred])
    assert first == preferred != second


def test_a_stack_is_read_back_as_it_was_written_and_only_by_its_owner(tmp_path: Path) -> None:
    stack = Stack(state=tmp_path)
    stack.save()
    assert Stack.load(tmp_path) == stack
    assert stat.S_IMODE((tmp_path / "stack.json").stat().st_mode) == 0o600


def test_a_moved_state_folder_is_read_at_its_new_place(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    Stack(state=tmp_path / "old").save()
    (tmp_path / "old").rename(tmp_path / "new")
    assert Stack.load(tmp_path / "new").campaigns == tmp_path / "new" / "campaigns"


def test_two_stacks_share_no_secret(tmp_path: Path) -> None:
    one, two = Stack(state=tmp_path), Stack(state=tmp_path)
    assert not {*one.secrets.model_dump().values()} & {*two.secrets.model_dump().values()}
    assert one.stores["demo"].jwt_key != two.stores["demo"].jwt_key != one.stores["replay"].jwt_key


def test_a_missing_or_broken_stack_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match="There is no stack in"):
        Stack.load(tmp_path)
    (tmp_path / "stack.json").write_text("{")
    with pytest.raises(LocalStackError, match=r"delete .* to begin anew"):
        Stack.load(tmp_path)


def test_a_shared_kafka_keeps_stacks_apart_by_a_prefix(tmp_path: Path) -> None:
    assert Stack(state=tmp_path).topic_prefix == ""
    shared = Stack(state=tmp_path, external_kafka="127.0.0.1:9092")
    assert shared.topic_prefix == f"{shared.name}."


def test_a_running_stack_s_folder_is_passed_over(tmp_path: Path) -> None:
    first, lock = take(tmp_path)
    second, other = take(tmp_path)
    assert (first.name, second.name) == ("1", "2")
    assert running_states(tmp_path) == [first, second]
    lock.close()
    assert not is_held(first)
    again, last = take(tmp_path)
    assert again == first
    for held in (other, last):
        held.close()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalStackError, match="Cannot keep state in"):
        take(tmp_path / "file")


def test_three_brokers_are_one_address_and_three_replicas(tmp_path: Path) -> None:
    stack = prepare(tmp_path, Wanted(brokers=3))
    assert stack.bootstrap == ",".join(f"127.0.0.1:{port}" for port, _ in stack.broker_ports)
    nodes = own_kafka(stack)
    assert [node.port for node in nodes] == [int(broker.rpartition(":")[2]) for broker in stack.cluster.brokers]
    assert len({node.cluster_id for node in nodes}) == 1
    assert len({node.folder for node in nodes}) == 3
    assert stack.replication == 3
    assert prepare(tmp_path).brokers == 3


def test_a_stack_keeps_its_number_of_brokers(tmp_path: Path) -> None:
    prepare(tmp_path)
    (tmp_path / "kafka").mkdir()
    assert prepare(tmp_path, Wanted(brokers=1)).brokers == 1
    with pytest.raises(LocalStackError, match="keeps its number of brokers, which is 1"):
        prepare(tmp_path, Wanted(brokers=3))


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Wanted(replication=3), "--replication is for another Kafka"),
        (Wanted(kafka="a:1", brokers=3), "--brokers is for the stack's own"),
        (Wanted(kafka="a:1,"), "No client can be made for a:1,: KAFKA_BOOTSTRAP|host:port"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(tmp_path: Path, wanted: Wanted, why: str) -> None:
    with pytest.raises(LocalStackError, match=why):
        prepare(tmp_path, wanted)


def test_how_another_kafka_lets_clients_in_is_kept_for_services_and_later_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"SASL": "SCRAM-SHA-512", "USERNAME": "ann", "PASSWORD": "hush"}.items():
        monkeypatch.setenv(f"KAFKA_{name}", value)
    prepare(tmp_path, Wanted(kafka="a:1,b:2", replication=3))
    for name in ("SASL", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"KAFKA_{name}")
    stack = Stack.load(tmp_path)
    assert stack.cluster == Cluster.of("a:1,b:2", sasl=Sasl("SCRAM-SHA-512", "ann", "hush"))
    assert stack.replication == 3
    assert trigger_env(stack, str)["TRIGGER_KAFKA_PASSWORD"] == "hush"
    prepare(tmp_path)
    assert Stack.load(tmp_path).kafka_access == {}
