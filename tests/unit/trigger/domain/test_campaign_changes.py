"""What a new version of a store's campaigns changes, campaign by campaign and field by field."""

from datetime import UTC, datetime

from libs.files.yaml_file import parse
from services.trigger.domain.campaign_changes import FieldChange, compare
from services.trigger.domain.campaigns import CampaignFile
from tests.unit.trigger.making import THREE_STEPS

OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
TWO = """
campaigns:
  - name: cart
    kind: abandoned_cart
    steps:
      - {name: nudge, delay: 1h, channel: email, template: a, lateness: 1h}
      - {name: offer, delay: 24h, channel: email, template: b, lateness: 1h}
"""


def file(text: str) -> CampaignFile:
    return parse(text, "test.yaml", CampaignFile)


def test_what_comes_what_goes_and_what_stays_each_with_since_when_it_is_on() -> None:
    three = file(THREE_STEPS)
    after = file(THREE_STEPS.replace("name: low_stock\n    kind", "name: few_left\n    kind"))
    found = compare(three, after, {"abandoned_cart": OLD, "few_left": NEW})
    assert [(one.name, one.change, one.since) for one in found] == [
        ("abandoned_cart", "unchanged", OLD),
        ("few_left", "added", NEW),
        ("low_stock", "removed", None),
    ]
    assert all(one.fields == () for one in found)


def test_a_field_is_told_by_the_name_of_its_step_with_what_it_said_before() -> None:
    (found,) = compare(file(TWO), file(TWO.replace("delay: 1h", "delay: 90m")), {"cart": OLD})
    assert (found.change, found.fields) == ("changed", (FieldChange("steps.nudge.delay", "PT1H", "PT1H30M"),))


def test_a_step_that_goes_is_told_and_leaves_the_others_unchanged() -> None:
    """Story: taking out the first step was told as a change of every step behind it."""
    without = TWO.replace("      - {name: nudge, delay: 1h, channel: email, template: a, lateness: 1h}\n", "")
    (found,) = compare(file(TWO), file(without), {"cart": OLD})
    assert found.fields[0] == FieldChange("steps", ["nudge", "offer"], ["offer"])
    assert {one.field.split(".")[1] for one in found.fields[1:]} == {"nudge"}
    assert all(one.after is None for one in found.fields[1:])


def test_what_says_the_same_in_other_words_is_unchanged() -> None:
    (found,) = compare(file(TWO), file(TWO.replace("delay: 24h", "delay: 1d")), {"cart": OLD})
    assert found.change == "unchanged"
    assert file(TWO).digest == file(TWO.replace("delay: 24h", "delay: 1d")).digest
    assert file(TWO).digest != file(TWO.replace("delay: 24h", "delay: 2d")).digest
    assert len(file(TWO).digest) == 12
