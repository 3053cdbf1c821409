"""Since when each campaign is on, for each store."""

from services.trigger.domain.activations import EVERY_STORE, switch
from tests.unit.trigger.making import T0, after

BEFORE = {(EVERY_STORE, "cart"): T0, ("own", "cart"): T0}
NOW = after(days=1)


def test_what_was_on_stays_on_since_then_and_what_is_new_is_on_from_now_on() -> None:
    assert switch(BEFORE, ["own"], {EVERY_STORE: ["cart", "low"], "own": ["cart"]}, NOW) == {
        (EVERY_STORE, "cart"): T0,
        (EVERY_STORE, "low"): NOW,
        ("own", "cart"): T0,
    }


def test_a_store_that_gets_a_file_of_its_own_goes_on_with_what_it_had() -> None:
    found = switch({(EVERY_STORE, "cart"): T0}, [], {EVERY_STORE: ["cart"], "new": ["cart", "low"]}, NOW)
    assert found == {(EVERY_STORE, "cart"): T0, ("new", "cart"): T0, ("new", "low"): NOW}


def test_a_store_whose_file_goes_has_that_of_all_and_only_what_differs_is_remembered() -> None:
    file = {EVERY_STORE: ["cart", "low"]}
    before = {(EVERY_STORE, "cart"): T0, (EVERY_STORE, "low"): T0, ("own", "cart"): T0}
    assert switch(before, ["own"], file, NOW) == {
        (EVERY_STORE, "cart"): T0,
        (EVERY_STORE, "low"): T0,
        ("own", "low"): NOW,
    }, "what its own file left out was off for it; the other is as with everybody"


def test_without_a_file_nothing_is_on() -> None:
    assert switch(BEFORE, ["own"], {}, NOW) == {}
