"""Steps ahead are worked out once for carts that have them alike, and are those that live would plan."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.files.yaml_file import parse
from services.trigger.domain.campaigns import CampaignFile
from services.trigger.domain.carts import CartState, apply
from services.trigger.domain.episodes import plan
from services.trigger.domain.kinds.entered_carts import EnteredCartCampaign
from services.trigger.domain.traced.plans import Plans
from tests.unit.trigger.making import STORE, T0, added, after, campaigns, cart_id

STEP = "steps: [{name: a, delay: 1h, channel: email, template: t}, {name: b, delay: 2h, channel: sms, template: t}]"
FILES = {
    "plain": f"campaigns: [{{name: x, kind: abandoned_cart, {STEP}}}]",
    "for totals": f"campaigns: [{{name: x, kind: abandoned_cart, enter: {{total: {{EUR: 1500}}}}, {STEP}}}]",
    "minimum": f"campaigns: [{{name: x, kind: abandoned_cart, conditions: {{minimum_total: 1500}}, {STEP}}}]",
    "in windows": (
        "timezone: Europe/Warsaw\n"
        "campaigns: [{name: x, kind: abandoned_cart, "
        'steps: [{delay: 1h, channel: email, template: t, at: {between: ["09:00", "12:00"]}}]}]'
    ),
    "and checkouts": (
        f"campaigns: [{{name: x, kind: abandoned_cart, {STEP}}}, {{name: y, kind: abandoned_checkout, {STEP}}}]"
    ),
    "guests": f"campaigns: [{{name: x, kind: abandoned_cart, enter: {{guests: none}}, {STEP}}}]",
}


def carts() -> st.SearchStrategy[CartState]:
    minutes = st.integers(0, 1_000).map(lambda number: T0 + timedelta(minutes=number))

    def made(since, total, customer, origin, checkout, silent, heeds, units, decided) -> CartState:
        return CartState(
            cart_id("a"), STORE, customer, 1, 1, since, units, total, "EUR", False, max(since, decided or since),
            silent, heeds, origin, since + timedelta(minutes=checkout) if checkout is not None else None,
        )  # fmt: skip

    return st.builds(
        made,
        minutes,
        st.sampled_from([0, 1000, 1500, 2000]),
        st.sampled_from(["anna", None, "guest:1"]),
        st.sampled_from([None, "staff", "bot"]),
        st.one_of(st.none(), st.integers(0, 30)),
        st.booleans(),
        st.booleans(),
        st.integers(0, 2),
        st.one_of(st.none(), minutes),
    )


@pytest.mark.parametrize("name", FILES)
@given(states=st.lists(carts(), max_size=12))
def test_steps_that_carts_share_are_those_of_each(name: str, states: list[CartState]) -> None:
    plans, on = Plans(), campaigns(FILES[name], after(minutes=300))
    for state in states:
        found = [one.at(state.quiet_since) for one in plans.of(state, on)]
        alone = [one for one in plan(state, on) if one.due_at >= state.decided_until]
        assert found == sorted(alone, key=lambda one: one.due_at)


def test_carts_that_are_alike_share_their_steps_and_are_planned_once(monkeypatch) -> None:
    plans, on, asked = Plans(), campaigns(FILES["plain"]), list[int]()
    planned = EnteredCartCampaign.planned

    def counted(*of):
        asked.append(1)
        return planned(*of)

    monkeypatch.setattr(EnteredCartCampaign, "planned", counted)
    first = plans.of(apply(None, added()), on)
    assert plans.of(apply(None, added("b", at=after(minutes=7))), on) is first
    assert len(asked) == 1


def test_a_kind_that_plans_by_itself_is_asked_for_every_cart() -> None:
    class Odd(EnteredCartCampaign):
        def plan_episode(self, cart: CartState):
            return self.planned(cart, "odd" if cart.version % 2 else None)

    file = parse(FILES["plain"], "test.yaml", CampaignFile)
    (of_file,) = file.campaigns
    assert isinstance(of_file, EnteredCartCampaign)
    odd = Odd.model_construct(**of_file.__dict__)
    assert odd.plans_by(apply(None, added())) is None
    assert of_file.plans_by(apply(None, added())) == (None, None)


def test_so_many_are_kept_and_then_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.trigger.domain.traced.plans._MOST_ALIKE", 1)
    plans, on = Plans(), campaigns(FILES["for totals"])
    for total in (1500, 0, 1500, 0):
        state = apply(None, added(total=total))
        assert [one.at(state.quiet_since) for one in plans.of(state, on)] == plan(state, on)
    assert [len(kept) for kept in vars(plans).values()] == [1, 1]


def test_a_thousand_plans_are_kept() -> None:
    plans, on, cart = Plans(), campaigns(FILES["plain"]), apply(None, added())
    for number in range(1_000):
        plans.of(cart._replace(store_id=f"shop-{number}"), on)
    assert [len(kept) for kept in vars(plans).values()] == [1_000, 1_000]
    plans.of(cart, on)
    assert [len(kept) for kept in vars(plans).values()] == [1, 1]
