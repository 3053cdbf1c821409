"""The campaign file: what it may say, and how it is told where it is wrong."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from libs.files.yaml_file import FaultyTextError, parse, validated
from services.trigger.campaigns.registry import CampaignFileError, load_campaigns
from services.trigger.domain import campaigns as module
from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns
from services.trigger.domain.carts import apply
from services.trigger.domain.episodes import next_at
from services.trigger.domain.kinds.abandoned_cart import AbandonedCart, Conditions
from services.trigger.domain.kinds.low_stock import LowStock
from services.trigger.domain.timing.schedule import lateness_budgets
from tests.unit.trigger.making import added

DEFAULT = Path(module.__file__).parents[1] / "campaigns" / "default.yaml"

GOOD = """campaigns:
  - name: abandoned_cart
    kind: abandoned_cart
    steps:
      - delay: 1h
        channel: email
        template: abandoned_cart
"""


def abandoned(text: str) -> AbandonedCart:
    (campaign,) = parse(text, "shop.yaml", CampaignFile).campaigns
    assert isinstance(campaign, AbandonedCart)
    return campaign


def test_the_file_that_ships_is_that_of_the_design() -> None:
    carts, stock = load_campaigns(DEFAULT).campaigns
    assert isinstance(carts, AbandonedCart)
    assert [(s.delay / timedelta(hours=1), s.channel) for s in carts.steps] == [
        (1, "email"),
        (24, "sms"),
        (48, "email"),
    ]
    assert isinstance(stock, LowStock)
    assert (stock.threshold_of("tea"), stock.rearmed_from("tea")) == (5, 8)
    assert (stock.look_back.days, stock.recipients_per_unit) == (30, 10)
    assert [s.channel for s in stock.steps] == ["sms"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("delay: 1h", "delay: soon", "shop.yaml:5: campaigns.1.steps.1.delay: write a duration such as 30s"),
        ("delay: 1h", "delay: 3600", "shop.yaml:5: campaigns.1.steps.1.delay: write a duration with its unit"),
        ("delay: 1h", "delay: 0s", "shop.yaml:5: campaigns.1.steps.1.delay: "),
        ("delay: 1h", "dealy: 1h", "shop.yaml:5: campaigns.1.steps.1.dealy: Extra inputs"),
        ("delay: 1h", "dealy: 1h", "shop.yaml:5: campaigns.1.steps.1.delay: Field required"),
        ("channel: email", "channel: pigeon", "shop.yaml:6: campaigns.1.steps.1.channel: "),
        ("template: abandoned_cart", "template: ../secret", "shop.yaml:7: campaigns.1.steps.1.template: "),
        ("kind: abandoned_cart", "kind: birthday", "shop.yaml:2: campaigns.1: Input tag 'birthday'"),
        ("- delay: 1h", "- &step {delay: 1h}\n      - *step\n      - delay: 1h", "anchors and aliases"),
        ("channel: email", "channel: email\n        channel: sms", "shop.yaml:7: text: 'channel' stands twice"),
        ("campaigns:", "campaign:", "shop.yaml:1: campaign"),
        ("    steps:", "   steps:", "shop.yaml:4"),
    ],
)
def test_a_fault_is_told_with_line_field_and_rule(old: str, new: str, told: str) -> None:
    with pytest.raises(CampaignFileError) as caught:
        parse(GOOD.replace(old, new), "shop.yaml", CampaignFile)
    assert told in str(caught.value)


@pytest.mark.parametrize("text", ["", "# nothing", "[]", "campaigns", "{", "? [a]\n: b", "\x00", "campaigns: 5"])
def test_a_file_that_is_no_campaign_file_is_refused(text: str) -> None:
    with pytest.raises(CampaignFileError, match=r"shop\.yaml"):
        parse(text, "shop.yaml", CampaignFile)


def test_a_file_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(CampaignFileError, match=r"no\.yaml"):
        load_campaigns(tmp_path / "no.yaml")


def test_two_campaigns_of_one_name_are_refused() -> None:
    with pytest.raises(CampaignFileError, match="two campaigns are named abandoned_cart"):
        parse(GOOD + GOOD.removeprefix("campaigns:\n"), "shop.yaml", CampaignFile)


def test_each_name_that_stands_twice_is_told_at_its_place() -> None:
    first = GOOD.removeprefix("campaigns:\n").replace("name: abandoned_cart", "name: a_first")
    second = GOOD.removeprefix("campaigns:\n")
    with pytest.raises(CampaignFileError) as caught:
        parse("campaigns:\n" + second + first + first + second, "shop.yaml", CampaignFile)
    assert str(caught.value).splitlines() == [
        "shop.yaml:14: campaigns.3.name: two campaigns are named a_first",
        "shop.yaml:20: campaigns.4.name: two campaigns are named abandoned_cart",
    ]


SECOND = "      - {delay: 24h, channel: sms, template: abandoned_cart}\n"


def test_steps_must_follow_each_other() -> None:
    with pytest.raises(CampaignFileError, match="step 2 is not later than step 1"):
        parse(GOOD + SECOND.replace("24h", "60m"), "shop.yaml", CampaignFile)


def test_a_step_may_not_be_so_late_that_it_meets_the_next() -> None:
    with pytest.raises(CampaignFileError, match="lateness of step 1 reaches past step 2: at most 23:00:00"):
        parse(GOOD.replace("delay: 1h", "delay: 1h\n        lateness: 24h") + SECOND, "shop.yaml", CampaignFile)


def test_lateness_is_twelve_hours_or_the_time_to_the_next_step() -> None:
    def budgets(text: str) -> tuple[timedelta, ...]:
        return lateness_budgets(abandoned(text).steps)

    assert budgets(GOOD)[0] == timedelta(hours=12)
    assert budgets(GOOD + SECOND.replace("24h", "3h"))[0] == timedelta(hours=2)
    assert budgets(GOOD + SECOND)[1] == timedelta(hours=12)


@pytest.mark.parametrize(
    ("minimum", "total", "currency", "reason"),
    [
        (2000, 2000, "EUR", None),
        (2000, 1999, "EUR", "below_minimum"),
        ({"EUR": 2000, "PLN": 9000}, 8999, "PLN", "below_minimum"),
        ({"EUR": 2000, "PLN": 9000}, 9000, "PLN", None),
        ({"EUR": 2000}, 9000, "USD", "currency_not_listed"),
        ({"EUR": 2000}, 9000, None, "currency_not_listed"),
    ],
)
def test_a_minimum_is_one_number_or_one_a_currency(minimum, total: int, currency: str | None, reason) -> None:
    assert Conditions(minimum_total=minimum).unmet(total, currency) == reason


def test_a_campaign_that_names_no_minimum_answers_carts_of_any_total() -> None:
    assert Conditions().minimum_total == 0


@pytest.mark.parametrize("minimum", [0, {"EUR": 0}])
def test_a_minimum_may_be_nought(minimum) -> None:
    assert Conditions(minimum_total=minimum).unmet(0, "EUR") is None


@pytest.mark.parametrize("minimum", ["-1", "{EUR: -1}", "{eur: 5}", "{EURO: 5}", "19.99", "lots"])
def test_a_minimum_that_makes_no_sense_is_refused(minimum: str) -> None:
    text = GOOD.replace("    steps:", f"    conditions: {{minimum_total: {minimum}}}\n    steps:")
    with pytest.raises(CampaignFileError, match="minimum_total"):
        parse(text, "shop.yaml", CampaignFile)


@pytest.mark.parametrize("thresholds", ["{'': 5}", "{tea: 0}", "{tea: few}", "[5]"])
def test_thresholds_that_make_no_sense_are_refused(thresholds: str) -> None:
    low = f"campaigns: [{{name: x, kind: low_stock, thresholds: {thresholds}, steps: [{{channel: sms, template: t}}]}}]"
    with pytest.raises(CampaignFileError, match="thresholds"):
        parse(low, "shop.yaml", CampaignFile)


def test_a_campaign_on_stock_has_up_to_five_steps() -> None:
    def low(steps: int) -> str:
        return f"campaigns: [{{name: x, kind: low_stock, steps: {[{'channel': 'sms', 'template': 't'}] * steps}}}]"

    assert len(parse(low(5), "shop.yaml", CampaignFile).campaigns[0].model_dump()["steps"]) == 5
    for steps in (0, 6):
        with pytest.raises(CampaignFileError, match="steps"):
            parse(low(steps), "shop.yaml", CampaignFile)


def test_a_campaign_on_carts_has_up_to_twenty_steps() -> None:
    def carts(steps: int) -> str:
        each = [{"delay": f"{hour}h", "channel": "email", "template": "t"} for hour in range(1, steps + 1)]
        return f"campaigns: [{{name: x, kind: abandoned_cart, steps: {each}}}]"

    assert len(abandoned(carts(20)).steps) == 20
    for steps in (0, 21):
        with pytest.raises(CampaignFileError, match="steps"):
            parse(carts(steps), "shop.yaml", CampaignFile)


def test_a_campaign_on_an_order_has_up_to_five_steps_that_may_go_at_once() -> None:
    def shipped(steps: int) -> str:
        each = [{"delay": f"{hour}h", "channel": "email", "template": "t"} for hour in range(steps)]
        return f"campaigns: [{{name: x, kind: order_shipped, steps: {each}}}]"

    first, *_ = parse(shipped(5), "shop.yaml", CampaignFile).campaigns[0].model_dump()["steps"]
    assert first["delay"] == timedelta(0)
    for steps in (0, 6):
        with pytest.raises(CampaignFileError, match="steps"):
            parse(shipped(steps), "shop.yaml", CampaignFile)


def test_a_file_has_up_to_a_hundred_segments() -> None:
    def of(segments: int) -> str:
        each = "".join(f"  of-{number}: {{orders: 1}}\n" for number in range(segments))
        return f"segments:\n{each}{GOOD}"

    assert len(parse(of(100), "shop.yaml", CampaignFile).segments) == 100
    with pytest.raises(CampaignFileError, match="segments"):
        parse(of(101), "shop.yaml", CampaignFile)


def test_what_messages_know_besides_is_named_once() -> None:
    assert len(validated({"campaigns": [BARE | {"tell": ["times_abandoned"]}]}, CampaignFile).names) == 1
    with pytest.raises(FaultyTextError):
        validated({"campaigns": [BARE | {"tell": ["times_abandoned"] * 2}]}, CampaignFile)


def test_campaigns_that_were_always_on_answer_the_oldest_carts_there_are() -> None:
    oldest = datetime(1970, 1, 1, tzinfo=UTC)
    always = StoreCampaigns.always(parse(GOOD, "shop.yaml", CampaignFile))
    assert next_at(apply(None, added(at=oldest)), always) == oldest + timedelta(hours=1)
    assert [one.since for one in always.active] == [oldest]


def test_nothing_is_due_before_the_first_step_of_any_campaign() -> None:
    always = StoreCampaigns.always(parse(GOOD, "shop.yaml", CampaignFile))
    assert always.shortest_delay == timedelta(hours=1)
    assert StoreCampaigns().shortest_delay == timedelta.max


BARE = {"name": "cart", "kind": "abandoned_cart", "steps": [{"delay": "1h", "channel": "email", "template": "a"}]}


@pytest.mark.parametrize(
    ("minimum", "currencies", "refused"),
    [
        (1000, ("EUR", "PLN"), True),
        (0, ("EUR", "PLN"), False),
        (1000, ("EUR",), False),
        (1000, (), False),
        (1000, None, False),
        ({"EUR": 1000}, ("EUR", "PLN"), False),
    ],
)
def test_a_bare_minimum_is_refused_of_a_store_that_sells_in_several_currencies(
    minimum: object, currencies: tuple[str, ...] | None, refused: bool
) -> None:
    document = {"campaigns": [BARE | {"conditions": {"minimum_total": minimum}}]}
    known = None if currencies is None else {"currencies": currencies}
    if not refused:
        assert validated(document, CampaignFile, known=known).names == ["cart"]
        return
    with pytest.raises(FaultyTextError) as caught:
        validated(document, CampaignFile, known=known)
    [fault] = caught.value.faults
    assert fault.pointer == "/campaigns/0/conditions/minimum_total"
    assert fault.rule == "name an amount for each currency: the store sells in EUR, PLN"
