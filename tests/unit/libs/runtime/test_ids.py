"""Ids are what the standard library makes of them, only quicker."""

import copy
import pickle
import uuid
from uuid import UUID, SafeUUID

from hypothesis import given
from hypothesis import strategies as st

from libs.runtime.ids import LATEST, uuid5, uuid7, uuid7_text, uuid_text


@given(st.uuids(), st.text())
def test_an_id_of_a_name_is_the_standard_library_s(namespace: UUID, name: str) -> None:
    made, expected = uuid5(namespace, name), uuid.uuid5(namespace, name)
    assert (made, hash(made), str(made), repr(made)) == (expected, hash(expected), str(expected), repr(expected))


def test_ids_are_of_version_7_and_come_in_order() -> None:
    made = [uuid7() for _ in range(100)]
    assert made == sorted(set(made))
    assert {(one.version, one.variant, one.is_safe) for one in made} == {(7, uuid.RFC_4122, SafeUUID.unknown)}
    assert made[-1] < LATEST


def test_an_id_as_text_is_one_of_version_7() -> None:
    first, second = uuid7_text(), uuid7_text()
    assert first < second
    assert str(UUID(first)) == first
    assert UUID(first).version == 7


@given(st.uuids())
def test_the_text_of_an_id_is_as_str_has_it(one: UUID) -> None:
    assert uuid_text(one) == str(one)


def test_ids_can_be_copied_and_kept() -> None:
    made = uuid7()
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made
