"""A click on a message of a campaign ends the steps that are due within a time after it."""

from datetime import datetime, timedelta

import pytest

from libs.contracts.reasons import in_words
from libs.files.yaml_file import FileFaultError
from services.trigger.domain.carts import apply
from services.trigger.domain.episodes import decide_all, plan
from services.trigger.domain.exits import Clicked
from services.trigger.domain.facts import NO_FACTS, About, Click, Facts, Wanted
from services.trigger.domain.participation import Participants
from tests.unit.trigger.making import STORE, T0, added, after, campaigns

WHO = (STORE, "customer-a")
FILE = """
campaigns:
  - name: cart
    kind: abandoned_cart
    exit_on: EXITS
    RULES
    steps: [{delay: 1h, channel: sms, template: a}, {delay: 24h, channel: sms, template: b}]
"""


def on(exits: str = "[order.placed, {message.clicked: 12h}]", rules: str = "paused: false"):
    return campaigns(FILE.replace("EXITS", exits).replace("RULES", rules))


def reasons(*clicks: Click, exits: str = "[order.placed, {message.clicked: 12h}]", rules: str = "paused: false"):
    state, found = apply(None, added()), on(exits, rules)
    facts = Facts(segments={STORE: {}}, clicks={WHO: clicks}, abandoned={WHO: {}})
    return [one.reason for one in decide_all(state, plan(state, found), T0, Participants(), facts)]


@pytest.mark.parametrize(
    ("at", "second"),
    [
        (after(hours=12), "clicked"),
        (after(hours=12) - timedelta(microseconds=1), "idle"),
        (after(hours=24), "clicked"),
        (after(hours=24) + timedelta(microseconds=1), "idle"),
    ],
)
def test_steps_that_are_due_within_that_time_are_not_sent(at, second: str) -> None:
    assert reasons(Click("cart", at)) == ["idle", second]


def test_a_click_that_came_before_the_cart_counts_for_as_long() -> None:
    assert reasons(Click("cart", after(hours=-2))) == ["clicked", "idle"]
    assert reasons(Click("cart", after(days=-9)), Click("cart", after(hours=20))) == ["idle", "clicked"]


def test_only_clicks_on_messages_of_the_campaign_by_the_customer_count() -> None:
    assert reasons(Click("other", after(hours=20))) == ["idle", "idle"]
    assert not Facts(clicks={WHO: [Click("cart", T0)]}).has_clicked(About(STORE, "ben"), "cart", T0, T0)
    assert not Facts(clicks={WHO: [Click("cart", T0)]}).has_clicked(About("other", "customer-a"), "cart", T0, T0)
    assert not Facts(clicks={(STORE, ""): []}).has_clicked(About(STORE, None), "cart", T0, T0)


def test_a_click_enters_nobody_and_brings_nobody_in_earlier() -> None:
    """Re-entry counts episodes by when they went quiet: a click is no way in, and none out of the campaign."""
    state, found = apply(None, added()), on(rules="reenter: {after: 3d}")

    def entered(*clicks: Click) -> tuple[list[str], list[datetime]]:
        facts, parts = Facts(segments={STORE: {}}, clicks={WHO: clicks}, abandoned={WHO: {}}), Participants()
        said = [one.reason for one in decide_all(state, plan(state, found), T0, parts, facts)]
        return said, [entry.at for part in parts.changed.values() for entry in part.entries]

    first, second = Click("cart", after(hours=-2)), Click("cart", after(hours=20))
    assert entered(first, second) == (["clicked", "clicked"], [])
    assert entered(first) == (["clicked", "idle"], [T0])
    assert entered() == (["idle", "idle"], [T0])


def test_a_campaign_that_says_nothing_goes_on() -> None:
    assert reasons(Click("cart", after(hours=20)), exits="[order.placed]") == ["idle", "idle"]


def test_what_the_campaign_says_of_whom_it_is_for_is_said_first() -> None:
    assert reasons(Click("cart", after(hours=20)), rules="enter: {category: {any: [x]}}") == ["category_not_listed"] * 2


def test_clicks_are_wanted_only_where_a_campaign_goes_by_them() -> None:
    assert on().wanted == Wanted(clicks=True)
    assert bool(Wanted(clicks=True))
    assert on("[]").wanted == Wanted()
    assert campaigns().wanted == Wanted()


def test_a_click_is_no_word_of_the_request_and_is_said_again_as_it_was() -> None:
    (campaign,) = [one for one, _ in on().on_carts]
    assert campaign.exit_on == ("order.placed", Clicked.model_validate({"message.clicked": "12h"}))
    assert campaign.model_dump(mode="json")["exit_on"] == ["order.placed", {"message.clicked": "PT12H"}]
    state = apply(None, added())
    assert [planned.exit_on for planned in plan(state, on())] == [("order.placed",)] * 2
    assert [planned.exit_on for planned in plan(state, on("[{message.clicked: 12h}]"))] == [()] * 2
    assert not campaign.why_not(NO_FACTS.of_cart(state), NO_FACTS, T0, T0)


@pytest.mark.parametrize("said", ["0s", "31d", "soon", "-1h"])
def test_a_time_that_can_t_be_meant_is_refused_with_its_place(said: str) -> None:
    with pytest.raises(FileFaultError, match=r"test\.yaml:5: campaigns\.1\.exit_on\.1\.message\.clicked: "):
        on(f"[{{message.clicked: {said}}}]")
    assert len(on("[{message.clicked: 30d}]").on_carts) == 1


def test_it_is_explained_in_a_sentence_of_its_own() -> None:
    assert in_words("clicked") != "clicked"
