"""Secrets of stores as they are kept."""

from typing import get_args

import pytest
from pydantic import SecretStr

from services.cart.domain.store import SECRETS, Store
from services.cart.stores.secrets import BrokenSealError, Seal

SECRET = b"t" * 32
HELD = {"jwt_key": "customers-of-the-shop", "secret_keys": ["sk_one"]}


def test_what_is_sealed_opens_again_and_shows_nothing():
    sealed = Seal(SECRET).close("shop", HELD)
    assert Seal(SECRET).open("shop", sealed) == HELD
    assert b"customers-of-the-shop" not in sealed
    assert sealed != Seal(SECRET).close("shop", HELD)


def test_it_opens_for_no_other_store_with_no_other_secret_and_not_when_it_was_changed():
    sealed = Seal(SECRET).close("shop", HELD)
    for seal, store_id, text in (
        (Seal(SECRET), "other", sealed),
        (Seal(b"u" * 32), "shop", sealed),
        (Seal(SECRET), "shop", sealed[:-9] + (b"B" if sealed[-9:-8] == b"A" else b"A") + sealed[-8:]),
        (Seal(SECRET), "shop", b""),
    ):
        with pytest.raises(BrokenSealError):
            seal.open(store_id, text)


def _holds_secrets(annotation: object) -> bool:
    return annotation is SecretStr or any(_holds_secrets(part) for part in get_args(annotation))


def test_every_secret_of_a_store_is_sealed():
    assert {name for name, field in Store.model_fields.items() if _holds_secrets(field.annotation)} == set(SECRETS)
