"""A merge mode is one module and one line in the registry."""

import subprocess
import sys
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cart.domain.merge.merge import merge
from services.cart.domain.merge.modes.mode import MergeMode
from services.cart.domain.merge.modes.registry import MODES
from services.cart.domain.merge.receipt import Mode
from tests.unit.cart.carts import add, adds, cart_of, moment
from tests.unit.cart.domain.merge import test_merge, test_undo

SMALLER = MergeMode(quantity=min)
"""Made up for this test: who put in the same twice may have meant the smaller quantity."""

# A process of its own: the API's shapes take the names that stand in the registry when they are imported.
ACCEPTED = """
from services.cart.domain.merge.modes.mode import MergeMode
from services.cart.domain.merge.modes.registry import MODES
MODES["smaller"] = MergeMode(quantity=min)
from services.cart.api.schemas.merge import MergeReceipt
from services.cart.domain.commands import Claim
from services.cart.domain.store import Store
assert Store.model_fields["merge"].annotation.__args__[-1] == "smaller"
assert Claim(cart_token="t", mode="smaller").mode == "smaller"
assert MergeReceipt.model_json_schema()["properties"]["mode"]["enum"][-1] == "smaller"
"""


@pytest.fixture
def smaller() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODES, "smaller", SMALLER)
        yield "smaller"


def test_what_the_registry_names_is_what_can_be_asked_for() -> None:
    assert get_args(Mode) == tuple(MODES)


def test_a_mode_that_is_added_to_the_registry_merges(smaller: str) -> None:
    own, guest = cart_of(add("tea", 5), add("milk", 1)), cart_of(add("tea", 2), add("jam"), **test_merge.GUEST)
    done = merge(own, guest, smaller, {}, moment(60))
    assert done.own
    assert done.own.cart.holds() == {"tea": 2, "milk": 1, "jam": 1}


def test_the_api_and_the_settings_of_a_store_accept_a_mode_that_is_added_to_the_registry() -> None:
    subprocess.run([sys.executable, "-c", ACCEPTED], check=True)


def _body(test: Any) -> Any:
    """What a test of hypothesis does with one example."""
    return test.hypothesis.inner_test


lines = st.lists(adds, max_size=12)


@settings(deadline=None)
@given(lines, lines, test_merge.levels)
def test_what_holds_for_every_merge_holds_for_an_added_mode(ours: Any, theirs: Any, stock: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODES, "smaller", SMALLER)
        patch.setattr(test_merge, "asked_for", lambda ours, theirs, _: min(ours, theirs))
        for property_of_merges in (
            test_merge.test_a_merge_never_fails_and_never_exceeds_a_limit,
            test_merge.test_every_unit_of_either_cart_is_accounted_for,
        ):
            _body(property_of_merges)(ours, theirs, "smaller", stock)


@settings(deadline=None)
@given(test_undo.euros, test_undo.euros, test_undo.euros)
def test_what_an_added_mode_did_can_be_undone(ours: Any, theirs: Any, since: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODES, "smaller", SMALLER)
        _body(test_undo.test_all_that_was_added_since_is_there_after_an_undo)(ours, theirs, "smaller", since)
