"""All that is wrong with a file is told at once, each fault with its line and place, whatever else is wrong."""

import pytest
from pydantic_core import InitErrorDetails, ValidationError

from libs.files.yaml_file import FileFaultError, parse
from services.trigger.domain.campaign_faults import Around, missing
from services.trigger.domain.campaigns import CampaignFile

STEP = "channels: [email], template: a"
BY_DAY = 'at: {between: ["09:00", "20:00"]}'


def faults(text: str, **known: object) -> list[str]:
    with pytest.raises(FileFaultError) as caught:
        parse(text, "shop.yaml", CampaignFile, known)
    return [line.removeprefix("shop.yaml:") for line in str(caught.value).splitlines()]


def test_whoever_mends_a_file_is_told_of_every_rule_that_it_breaks_at_once() -> None:
    """Story: a step out of order was told, then its arm, then the segment, then the name: a file in five tries."""
    text = f"""
segments: {{vip: {{orders: 2}}}}
campaigns:
  - name: cart
    kind: abandoned_cart
    enter: {{segment: vop}}
    continue: {{not_segment: [vip, nobody]}}
    split: {{holdout: 10, arms: {{plain: 45, coupon: 45}}}}
    steps:
      - {{name: a, delay: 1h, {STEP}, when: {{arm: kupon}}}}
      - {{name: b, delay: 1h, {STEP}, when: {{arm: plan}}}}
      - {{name: c, delay: 3h, lateness: 3h, {STEP}, variants: [{{name: x, weight: 1}}]}}
      - {{name: b, delay: 5h, {STEP}, {BY_DAY}}}
  - name: cart
    kind: low_stock
    group: 8h
    steps: [{{{STEP}, when: {{arm: plain}}}}]
"""
    assert faults(text) == [
        "6: campaigns.1.enter.segment: no segment of the file is named vop",
        "7: campaigns.1.continue.not_segment.2: no segment of the file is named nobody",
        "10: campaigns.1.steps.1.when.arm: no arm of the split is named kupon",
        "11: campaigns.1.steps.2.delay: step 2 is not later than step 1",
        "11: campaigns.1.steps.2.when.arm: no arm of the split is named plan",
        "12: campaigns.1.steps.3.lateness: the lateness of step 3 reaches past step 4: at most 2:00:00",
        "12: campaigns.1.steps.3.variants: a campaign has a split, or its steps have variants, not both",
        "13: campaigns.1.steps.4.at: the window of a step needs a zone, or the file a timezone",
        "13: campaigns.1.steps.4.name: two steps are named b",
        "14: campaigns.2: group has to be shorter than the lateness of each step, here 6:00:00",
        "14: campaigns.2.name: two campaigns are named cart",
        "17: campaigns.2.steps.1.when.arm: no arm of the split is named plain",
    ]


def test_a_typo_in_one_step_hides_nothing_of_the_others() -> None:
    text = f"""
campaigns:
  - name: cart
    kind: abandoned_cart
    enter: {{segment: nobody}}
    steps:
      - {{delay: 2h, {STEP}, {BY_DAY}}}
      - {{delay: soon, {STEP}}}
      - {{delay: 1h, {STEP}, when: {{arm: plain}}}}
      - 5
"""
    assert [one.split(": write")[0] for one in faults(text)] == [
        "5: campaigns.1.enter.segment: no segment of the file is named nobody",
        "7: campaigns.1.steps.1.at: the window of a step needs a zone, or the file a timezone",
        "8: campaigns.1.steps.2.delay",
        "9: campaigns.1.steps.3.delay: step 3 is not later than step 1",
        "9: campaigns.1.steps.3.when.arm: no arm of the split is named plain",
        "10: campaigns.1.steps.4: Input should be a valid dictionary or instance of Step",
    ]


@pytest.mark.parametrize(
    ("of_file", "of_campaign", "told"),
    [
        ("timezone: Mars", f"steps: [{{delay: 1h, {STEP}, {BY_DAY}}}]", "timezone"),
        ("segments: {a: {}}", f"enter: {{segment: a}}, steps: [{{delay: 1h, {STEP}}}]", "segments.a"),
        ("", f"split: {{holdout: 0}}, steps: [{{delay: 1h, {STEP}, when: {{arm: x}}}}]", "campaigns.1.split"),
        ("", f"enter: 5, continue: {{not_segment: 5}}, steps: [{{delay: 1h, {STEP}}}]", "campaigns.1.enter"),
        ("", f"enter: {{segment: 5}}, steps: [{{delay: 1h, {STEP}}}]", "campaigns.1.enter.segment"),
        ("", f"steps: [{{delay: 1h, {STEP}, when: 5}}]", "campaigns.1.steps.1.when"),
        ("", f"steps: [{{delay: 1h, {STEP}, when: {{arm: [x]}}}}]", "campaigns.1.steps.1.when.arm"),
        ("", f"steps: [{{delay: 1h, {STEP}, at: {{between: [1, 2]}}}}]", "campaigns.1.steps.1.at.between"),
        ("", "steps: 5", "campaigns.1.steps"),
    ],
)
def test_what_is_wrong_itself_makes_nothing_else_wrong(of_file: str, of_campaign: str, told: str) -> None:
    """Story: a timezone with a typo was told, and that every window needs one."""
    found = faults(f"{of_file}\ncampaigns: [{{name: cart, kind: abandoned_cart, {of_campaign}}}]\n")
    assert all(one.split(": ")[1].startswith((told, "campaigns.1.continue.not_segment")) for one in found)


def test_of_what_a_kind_knows_nothing_no_part_is_told() -> None:
    text = f"campaigns: [{{name: o, kind: order_shipped, enter: {{segment: nobody}}, steps: [{{{STEP}}}]}}, 5]"
    assert [one.split(": ")[1] for one in faults(text)] == ["campaigns.1.enter", "campaigns.2"]


def test_templates_and_pools_that_the_store_does_not_have_are_told_where_somebody_has_asked() -> None:
    """Story: a template with a typo was in force for a weekend, and every message of it failed."""
    text = f"""
campaigns:
  - name: cart
    kind: abandoned_cart
    steps:
      - {{delay: 1h, {STEP}, coupon: {{pool: bakc10}}}}
      - {{delay: 2h, channel: sms, template: nudge, coupon: PLAIN}}
      - delay: 3h
        channel: email
        template: a
        variants:
          - {{name: x, weight: 1, template: bold}}
          - {{name: y, weight: 1, coupon: {{pool: gone}}}}
"""
    assert faults(text, templates={"a": ["email"]}, pools=["back10"]) == [
        "6: campaigns.1.steps.1.coupon.pool: the store has no pool of coupons named bakc10",
        "7: campaigns.1.steps.2.template: the store has no template named nudge",
        "12: campaigns.1.steps.3.variants.1.template: the store has no template named bold",
        "13: campaigns.1.steps.3.variants.2.coupon.pool: the store has no pool of coupons named gone",
    ]
    templates = {"a": ["email"], "nudge": ["sms"], "bold": ["email", "sms"]}
    assert parse(text, "shop.yaml", CampaignFile, {"templates": templates, "pools": ["bakc10", "gone"]})
    assert parse(text, "shop.yaml", CampaignFile).names == ["cart"]


def test_variants_that_are_wrong_themselves_name_nothing() -> None:
    text = f"campaigns: [{{name: o, kind: order_shipped, steps: [{{{STEP}, variants: [5]}}, {{{STEP}, variants: 5}}]}}]"
    assert all("no template" not in one for one in faults(text, templates={"a": ["email"]}))


def test_a_template_has_words_for_every_channel_of_its_step() -> None:
    """Story: a letter was named in a step that goes by text first, and whoever had a number was never told."""
    text = f"""
campaigns:
  - name: cart
    kind: abandoned_cart
    steps:
      - {{delay: 1h, {STEP}}}
      - delay: 2h
        channels: [sms, email, telegram]
        template: a
        variants: [{{name: x, weight: 1, template: both}}, {{name: y, weight: 1, template: letter}}]
      - {{delay: 3h, channels: [pigeon], template: a}}
      - {{delay: 4h, channels: 5, template: a}}
"""
    has = {"a": ["email"], "letter": ["email"], "both": ["email", "sms", "telegram"]}
    assert [one for one in faults(text, templates=has) if "no words" in one] == [
        "9: campaigns.1.steps.2.template: the template a has no words for sms",
        "9: campaigns.1.steps.2.template: the template a has no words for telegram",
        "10: campaigns.1.steps.2.variants.2.template: the template letter has no words for sms",
        "10: campaigns.1.steps.2.variants.2.template: the template letter has no words for telegram",
    ]


def test_of_what_is_no_campaign_nothing_else_is_said() -> None:
    assert list(missing(["cart"], Around(None, None), None)) == []


def test_only_what_is_wrong_at_its_very_place_is_not_asked_for() -> None:
    steps = [{"when": {"arm": "kupon"}}, {"when": {"arm": "kupon"}}]
    wrong = ValidationError.from_exception_data(
        "cart", [InitErrorDetails(type="missing", loc=("abandoned_cart", "steps", 0, "when"), input={})]
    )
    found = [fault.place for fault in missing({"steps": steps}, Around(None, None), wrong)]
    assert found == [("steps", 1, "when", "arm")]
