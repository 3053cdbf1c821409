"""Which changes of a store say who is believed: a key for stores alone may not make them."""

import pytest

from services.cart.domain.store import Store, changes_trust
from tests.unit.cart.domain.test_store import PLAIN


@pytest.mark.parametrize(
    ("change", "trusts"),
    [
        ({}, False),
        ({"name": "Another"}, False),
        ({"hosts": ["evil.example"]}, True),
        ({"origins": ["https://evil.example"]}, True),
        ({"jwt_issuer": "evil"}, True),
        ({"prices": "told"}, True),
    ],
)
def test_who_is_believed_changes_with_what_says_it_alone(change: dict[str, object], trusts: bool) -> None:
    before = Store.model_validate(PLAIN)
    assert changes_trust(before, Store.model_validate(PLAIN | change)) is trusts


def test_a_store_that_was_not_there_is_believed_from_now_on() -> None:
    assert changes_trust(None, Store.model_validate(PLAIN))
