"""What others build against changes only when somebody has looked at the change."""

from typing import Any

import pytest

from libs.contracts.events import EVENTS
from libs.contracts.topics import FEEDS, LIVE, TOPICS, dlq
from tests.contract.documents import DOCUMENTS, cart_openapi, dump
from tests.contract.golden import FOLDER


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_the_one_that_was_reviewed(name: str) -> None:
    reviewed = (FOLDER / name).read_text(encoding="utf-8")
    assert dump(DOCUMENTS[name]()) == reviewed, "look at the change, then: python -m tests.contract.documents"


def test_the_cart_document_has_every_route_of_the_agreement() -> None:
    paths: dict[str, Any] = cart_openapi()["paths"]
    store = "/v1/stores/{store_id}"
    agreed = {
        f"{store}/cart": {"get"},
        f"{store}/cart/token": {"post", "delete"},
        f"{store}/cart/lines": {"post", "delete"},
        f"{store}/cart/lines/{{line_id}}": {"put", "delete"},
        f"{store}/cart/claim": {"post"},
        f"{store}/orders": {"post"},
        f"{store}/inventory": {"post"},
        f"{store}/inventory/{{sku}}": {"put"},
        f"{store}/customers/{{customer_id}}/profile": {"put", "get", "delete"},
        f"{store}/carts": {"get"},
        f"{store}/carts/{{cart_id}}": {"get"},
        "/v1/recovery/{token}": {"get"},
    }
    assert {path: methods & set(paths.get(path, {})) for path, methods in agreed.items()} == agreed


def test_every_refusal_in_the_cart_document_is_a_problem_document() -> None:
    document = cart_openapi()
    answers = document["components"]["responses"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            refusals = {s: r for s, r in operation["responses"].items() if s[0] in "45"}
            assert path.startswith("/v1")
            assert refusals, f"{method} {path} names no refusal"
            assert all(
                "application/problem+json" in answers[r["$ref"].split("/")[-1]]["content"] for r in refusals.values()
            ), f"{method} {path}"


def test_every_topic_has_a_dead_letter_topic_and_every_event_a_topic() -> None:
    assert {kind.topic for kind in EVENTS} == {topic.name for topic in LIVE}
    assert {topic.name for topic in TOPICS} == {n for topic in LIVE + FEEDS for n in (topic.name, dlq(topic.name))}
