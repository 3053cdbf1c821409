"""A stack's identity: ports, secrets, and the file that keeps them."""

import socket
import stat
from pathlib import Path

import pytest

from deploy.local.errors import LocalStackError
from deploy.local.folders import is_held, running_states, take
from deploy.local.program import free_ports
from deploy.local.stack import Ports, Stack


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
