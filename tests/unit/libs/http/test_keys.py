"""Whose key opens what a service shows of a store."""

import pytest
from pydantic import SecretStr
from starlette.requests import Request

from libs.http.keys import EVERY_STORE, require_store_key
from libs.http.problems import Problem

KEYS = {"shop": SecretStr("sk_shop"), "other": SecretStr("sk_other"), EVERY_STORE: SecretStr("sk_every")}


def bearing(authorization: str | None) -> Request:
    headers = [] if authorization is None else [(b"authorization", authorization.encode())]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("authorization", "store_id"),
    [("Bearer sk_shop", "shop"), ("bearer sk_every", "shop"), ("Bearer sk_every", "made-since")],
)
def test_the_key_of_the_store_and_the_one_of_every_store_open_it(authorization: str, store_id: str) -> None:
    require_store_key(bearing(authorization), KEYS, store_id)


@pytest.mark.parametrize(
    ("authorization", "store_id"),
    [
        (None, "shop"),
        ("Bearer ", "shop"),
        ("Basic sk_shop", "shop"),
        ("Bearer sk_other", "shop"),
        ("Bearer sk_shop", "made-since"),
        ("Bearer sk_shop", EVERY_STORE),
    ],
)
def test_nothing_else_opens_it(authorization: str | None, store_id: str) -> None:
    with pytest.raises(Problem) as refused:
        require_store_key(bearing(authorization), KEYS, store_id)
    assert refused.value.status == 401


def test_where_no_key_is_set_nobody_may_ask() -> None:
    for keys in ({}, {"shop": SecretStr("")}):
        with pytest.raises(Problem):
            require_store_key(bearing("Bearer "), keys, "shop")
