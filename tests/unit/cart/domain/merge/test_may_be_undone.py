"""Until when a merge can be undone, and what is told who comes too late."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.cart.domain.merge.receipt import Receipt, nothing_merged, why_not_undone

NOW = datetime(2026, 12, 1, tzinfo=UTC)
MERGE = Receipt(UUID(int=1), "max", UUID(int=2), True, NOW, NOW + timedelta(hours=24), ())
END = timedelta(hours=24)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("receipt", "status", "after", "slug", "detail"),
    [
        (MERGE.undone(NOW), "ordered", END, "merge-undone", "This merge was undone before."),
        (MERGE, "ordered", END, "undo-expired", "A merge can be undone for 24 hours."),
        (nothing_merged("max"), "active", SECOND, "undo-expired", "A merge can be undone for 24 hours."),
        (MERGE, "ordered", END - SECOND, "merge-settled", "What was merged has been ordered since."),
        (MERGE, "merged", SECOND, "merge-settled", "This cart has become part of another one since."),
        (MERGE, "expired", SECOND, "merge-settled", "This cart is closed."),
    ],
)
def test_what_is_over_is_told_with_what_ended_it(receipt, status, after, slug, detail):
    refusal = why_not_undone(receipt, status, NOW + after)
    assert refusal is not None
    assert (refusal.slug, refusal.detail) == (slug, detail)
    assert refusal.members == ({"cart_status": status} if slug == "merge-settled" else {})


def test_until_the_last_moment_an_open_cart_can_be_as_it_was():
    assert why_not_undone(MERGE, "active", NOW + END - SECOND) is None
