"""What a key may be made for, which keys are live, and who calls with one."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.cart.domain import api_keys
from services.cart.domain.api_keys import LOOKS, SCOPES, ApiKey, Held, Holder, NewKey, Rotation, digest
from services.cart.domain.shopper import OPERATOR

NOW = datetime(2026, 3, 14, tzinfo=UTC)
SECRET: dict[str, Any] = {"name": "Shop", "scopes": ["carts:read"]}
PUBLISHABLE: dict[str, Any] = {"name": "Page", "kind": "publishable"}


def new(said: dict[str, Any]) -> NewKey:
    return NewKey.model_validate_json(json.dumps(said))


def test_a_secret_key_names_its_scopes_and_a_publishable_one_its_pages() -> None:
    assert new(SECRET).kind == "secret"
    assert new(SECRET).scopes == {"carts:read"}
    assert new(PUBLISHABLE | {"origins": ["https://shop.example"]}).origins == {"https://shop.example"}
    assert new(PUBLISHABLE).origins == frozenset(), "only apps, which send no Origin"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"name": "Shop"}, "a secret key has scopes and no origins"),
        (SECRET | {"origins": ["https://shop.example"]}, "a secret key has scopes and no origins"),
        (PUBLISHABLE | {"scopes": ["carts:read"]}, "a publishable key has no scopes"),
        (SECRET | {"scopes": ["carts:steal"]}, "scopes"),
        (PUBLISHABLE | {"origins": ["https://shop.example/page"]}, "origins"),
        (SECRET | {"expires_in_days": "7"}, "expires_in_days"),
        (SECRET | {"color": "red"}, "color"),
    ],
)
def test_a_key_that_says_what_its_kind_does_not_have_is_refused(said: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        new(said)


@pytest.mark.parametrize(("length", "right"), [(0, False), (1, True), (64, True), (65, False)])
def test_the_name_of_a_key_has_1_to_64_characters(length: int, right: bool) -> None:
    if right:
        assert len(new(SECRET | {"name": "x" * length}).name) == length
    else:
        with pytest.raises(ValidationError, match="name"):
            new(SECRET | {"name": "x" * length})


def test_a_publishable_key_is_for_up_to_fifty_pages() -> None:
    pages = [f"https://shop-{n}.example" for n in range(51)]
    assert len(new(PUBLISHABLE | {"origins": pages[:50]}).origins) == 50
    with pytest.raises(ValidationError, match="origins"):
        new(PUBLISHABLE | {"origins": pages})


def test_a_key_lives_for_up_to_ten_years_or_until_it_is_revoked() -> None:
    assert new(SECRET).expires_in_days is None
    for days in (0.5, 3650):
        assert new(SECRET | {"expires_in_days": days}).expires_in_days == days
    for days in (0, 3650.5, 3651):
        with pytest.raises(ValidationError, match="expires_in_days"):
            new(SECRET | {"expires_in_days": days})
    assert api_keys.ends(NOW, None) is None
    assert api_keys.ends(NOW, 1.5) == NOW + timedelta(hours=36)


def test_after_a_rotation_the_secret_until_now_lives_for_a_day_unless_told_otherwise() -> None:
    assert Rotation().grace_hours == 24
    for hours in (0, 720):
        assert Rotation.model_validate_json(json.dumps({"grace_hours": hours})).grace_hours == hours
    for wrong in (-0.5, 720.5, "24"):
        with pytest.raises(ValidationError, match="grace_hours"):
            Rotation.model_validate_json(json.dumps({"grace_hours": wrong}))


def test_a_secret_begins_with_its_kind_and_id_and_holds_256_random_bits() -> None:
    key_id = api_keys.new_key_id()
    assert len(key_id) == 16
    secret = api_keys.new_secret("secret", key_id)
    assert secret.startswith(f"sk_{key_id}_")
    assert len(secret.removeprefix(f"sk_{key_id}_")) == 43, "32 bytes, six bits a character"
    assert api_keys.new_secret("publishable", key_id).startswith(f"pk_{key_id}_")
    assert api_keys.new_secret("secret", key_id) != secret


def test_of_the_keys_in_the_settings_those_of_ops_have_all_scopes_and_the_others_may_only_look() -> None:
    looks, ops = api_keys.of_settings(["sk_ops"], ["sk_looks"])
    assert (looks.hash, looks.key.scopes, ops.hash, ops.key.scopes) == (
        digest("sk_looks"),
        LOOKS,
        digest("sk_ops"),
        SCOPES,
    )
    assert {looks.key.store_id, ops.key.store_id} == {None}
    assert ops.key.caller == OPERATOR


def test_a_key_calls_under_the_same_name_before_and_after_a_rotation() -> None:
    key = ApiKey("k1", "shop", "secret", SCOPES, frozenset())
    now, before = Held(digest("new"), key), Held(digest("old"), key, NOW, previous=True)
    assert now.key.caller == before.key.caller != OPERATOR
    assert not now.previous


def test_nobody_gives_more_than_they_have() -> None:
    holder = Holder("k:1", frozenset({"carts:read", "orders:read"}))
    assert holder.lacks(["carts:read"]) is None
    assert holder.lacks(["orders:write", "carts:write"]) == "carts:write"


def test_no_key_outlives_the_one_that_makes_it() -> None:
    for_ever, till_now = Holder("k:1", LOOKS), Holder("k:1", LOOKS, NOW)
    later = NOW + timedelta(microseconds=1)
    assert [for_ever.outlived_by(until) for until in (None, NOW)] == [False, False]
    assert [till_now.outlived_by(until) for until in (None, NOW, later)] == [True, False, True]


def test_only_who_has_every_scope_lets_another_page_in() -> None:
    known, pages = (
        frozenset({"https://shop.example"}),
        ["https://shop.example", "https://b.example", "https://a.example"],
    )
    assert Holder("k:1", SCOPES).distrusted(pages, known) is None
    assert Holder("k:1", SCOPES - {"audit:read"}).distrusted(pages, known) == "https://a.example"
    assert Holder("k:1", LOOKS).distrusted(known, known) is None
    assert Holder("k:1", LOOKS).distrusted([], frozenset()) is None
