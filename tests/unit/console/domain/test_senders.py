"""What of the DNS is a fault, and how good rates of a week are."""

from typing import Any

import pytest

from services.console.domain.faults import Fault, Unasked
from services.console.domain.senders import Rate, dns_faults, rates, worst


def sender(*found: tuple[str, str]) -> dict[str, Any]:
    return {"findings": [{"what": what, "state": state, "detail": f"It is {state}."} for what, state in found]}


@pytest.mark.parametrize(
    ("complained", "state"), [(0, "good"), (9, "good"), (10, "warn"), (29, "warn"), (30, "bad"), (10_000, "bad")]
)
def test_complaints_are_held_to_what_gmail_and_yahoo_want(complained: int, state: str):
    assert rates(10_000, 9_000, 0, complained)[0] == Rate("complained", complained / 10_000, state, 0.001, 0.003)  # type: ignore[arg-type]


@pytest.mark.parametrize(("bounced", "state"), [(0, "good"), (199, "good"), (200, "warn"), (499, "warn"), (500, "bad")])
def test_what_comes_back_is_held_to_what_providers_stand(bounced: int, state: str):
    assert rates(10_000, 9_000, bounced, 0)[1] == Rate("bounced", bounced / 10_000, state, 0.02, 0.05)  # type: ignore[arg-type]


def test_few_messages_are_no_rate():
    assert [one.state for one in rates(499, 1, 499, 499)] == ["few", "few"]
    assert [one.state for one in rates(500, 1, 500, 500)] == ["bad", "bad"]
    assert [(one.state, one.share) for one in rates(0, 0, 0, 0)] == [("few", 0.0)] * 2


@pytest.mark.parametrize("heard", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_where_nobody_tells_what_became_of_messages_nothing_is_known(heard: tuple[int, int, int]):
    assert [one.state for one in rates(5000, 0, 0, 0)] == ["unknown", "unknown"]
    assert {one.state for one in rates(5000, *heard)} == {"good"}


def test_what_the_dns_lacks_is_a_fault_and_what_it_could_not_be_asked_is_none():
    told = [
        sender(("spf", "bad"), ("dkim", "unknown"), ("dmarc", "warn"), ("bounce", "bad")),
        sender(("dmarc", "bad"), ("spf", "good"), ("alignment", "unknown")),
    ]
    assert dns_faults("shop", told) == (
        [Fault("dns", "shop", f"{what}: It is bad.", 1.0) for what in ("SPF", "Bounce", "DMARC")],
        [Unasked("dns", "shop", "DKIM: "), Unasked("dns", "shop", "Alignment: ")],
    )
    assert dns_faults("shop", []) == ([], [])


def test_the_worst_of_all_that_is_known_is_told():
    fine, few = Rate("bounced", 0.0, "good", 0.02, 0.05), Rate("bounced", 0.0, "few", 0.02, 0.05)
    bad = Rate("bounced", 0.1, "bad", 0.02, 0.05)
    assert worst([sender(("spf", "bad"), ("dkim", "good"), ("dmarc", "warn"))], [fine]) == "bad"
    assert worst([sender(("spf", "good")), sender(("spf", "warn"))], [few]) == "warn"
    assert worst([sender(("spf", "good"))], [bad]) == "bad"
    assert worst([sender(("spf", "unknown"))], [fine]) == "good"
    assert worst([sender(("spf", "unknown"))], [few]) == worst([], []) == ""
