"""What HTTP's conventions add to a write: keys under which it counts once, and states that it insists on."""

from datetime import timedelta
from typing import Any

import pytest

from services.cart.domain.errors import Refusal
from services.cart.domain.request import Answer, StoredReply, WriteRequest, in_flight
from tests.unit.cart.carts import NOON


def request(**known: Any) -> WriteRequest:
    return WriteRequest(**({"store_id": "shop", "caller": "c:anna", "fingerprint": b"one"} | known))


def test_a_key_is_locked_for_its_store_and_caller_alone() -> None:
    assert request().lock is None
    lock = request(key="k").lock
    assert lock == request(key="k", fingerprint=b"two").lock
    others = (request(key="l"), request(key="k", store_id="other"), request(key="k", caller="c:ben"))
    assert len({lock, *(one.lock for one in others)}) == 4


def test_replicas_of_any_release_lock_the_same_number() -> None:
    assert request(key="k").lock == -7459900118371994709


def test_a_lock_is_a_number_that_postgresql_locks_by() -> None:
    locks = [request(key=str(n)).lock or 0 for n in range(64)]
    assert all(-(2**63) <= lock < 2**63 for lock in locks)
    assert any(lock < 0 for lock in locks), "all 64 bits are used"


def test_a_change_is_stamped_by_the_clock_unless_it_is_recorded_traffic() -> None:
    assert request(device="phone").context(lambda: NOON).now == NOON
    assert request(device="phone").context(lambda: NOON).device == "phone"
    before = NOON - timedelta(days=1)
    assert request(occurred_at=before).context(lambda: NOON).now == before


@pytest.mark.parametrize(
    ("insists", "etag", "holds"),
    [
        (None, '"a.1"', True),
        ({'"a.1"'}, '"a.1"', True),
        ({'"a.1"', '"a.2"'}, '"a.2"', True),
        ({'"a.1"'}, '"a.2"', False),
        (set(), '"a.1"', False),
        ({"*"}, '"a.1"', True),
        ({"*"}, '"0"', False),
        ({'"0"'}, '"0"', True),
    ],
)
def test_who_insists_on_a_state_is_refused_in_another(insists: set[str] | None, etag: str, holds: bool) -> None:
    asked = request(if_match=None if insists is None else frozenset(insists))
    if holds:
        asked.insist(etag)
        return
    with pytest.raises(Refusal) as refused:
        asked.insist(etag)
    assert (refused.value.slug, refused.value.members) == ("version-conflict", {"etag": etag})


def test_the_same_call_again_is_given_the_first_answer_and_another_payload_is_refused() -> None:
    first = Answer(b"{}")
    assert (first.status, first.etag, first.replayed, first.once, first.first_etag) == (200, None, False, None, None)
    stored = StoredReply(b"one", first, expired=False)
    assert stored.replay(request()) is first
    assert stored.replay(request(fingerprint=b"two", older_fingerprints=(b"three", b"one"))) is first
    with pytest.raises(Refusal) as refused:
        stored.replay(request(fingerprint=b"two"))
    assert refused.value.slug == "idempotency-key-reused"
    assert in_flight().slug == "request-in-flight"
