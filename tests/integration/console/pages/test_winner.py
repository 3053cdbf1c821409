"""An experiment is ended with a winner: shown as changes, typed, put in force by its tag; of a file it is only told."""

import copy
from typing import Any

import pytest
import yaml

from tests.integration.console.pages import fake_services
from tests.integration.console.pages.conftest import Console

END = "/stores/shop/experiments/end"
STEP = {"delay": "PT1H", "channels": ["email"], "template": "abandoned_cart_1"}


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A campaign of two arms and a holdout, and another one beside it."""
    said = copy.deepcopy(fake_services.FILE)
    said["campaigns"][0] |= {
        "split": {"holdout": 10, "arms": {"plain": 45, "coupon": 45}},
        "steps": [STEP | {"name": "nudge"}, STEP | {"name": "offer", "when": {"arm": "coupon"}}],
    }
    monkeypatch.setattr(fake_services, "FILE", said)
    return said


async def test_a_marketer_picks_the_arm_sees_what_changes_types_the_name_and_it_is_in_force(
    console: Console, compared: dict[str, Any]
):
    marketer = await console.somebody("marketer")
    assert f"{END}?campaign=cart" in (await marketer.get("/stores/shop/experiments")).text
    arms = (await marketer.get(END, campaign="cart")).text
    assert all(f"{END}?campaign=cart&amp;arm={arm}" in arms for arm in ("plain", "coupon"))
    asked = (await marketer.get(END, campaign="cart", arm="coupon")).text
    assert "steps.nudge.delay" in asked, "what it changes, as the trigger says it"
    assert "10 % who are told nothing are reminded" in asked
    form: dict[str, Any] = {"campaign": "cart", "arm": "coupon", "etag": '"4"'}
    console.fake.calls.clear()
    wrong = await marketer.post(END, typed="car", **form)
    assert (wrong.status_code, "not the campaign" in wrong.text) == (422, True)
    assert [path for _, path, _ in console.fake.calls] == ["/campaigns?dry_run"]
    done = await marketer.post(END, typed="cart", **form)
    assert done.headers["location"] == "/stores/shop/experiments?done=ended"
    method, path, text = console.fake.calls[-1]
    assert (method, path, console.fake.if_match[-1]) == ("PUT", "/campaigns", '"4"')
    said = yaml.safe_load(text)
    assert said["campaigns"][0]["split"] == {"arms": {"coupon": 100}}
    assert said["campaigns"][1] == compared["campaigns"][1], "the other one is as it was"
    assert ("experiments.end", "campaign:cart") in await console.audited()
    assert "The winner gets everybody" in (await marketer.get(done.headers["location"])).text


async def test_a_holdout_may_stay(console: Console, compared: dict[str, Any]):
    marketer = await console.somebody("marketer")
    assert (
        "10 % go on being told nothing" in (await marketer.get(END, campaign="cart", arm="plain", holdout="keep")).text
    )
    await marketer.post(END, campaign="cart", arm="plain", holdout="keep", typed="cart", etag='"4"')
    said = yaml.safe_load(console.fake.calls[-1][2])
    assert said["campaigns"][0]["split"] == {"holdout": 10, "arms": {"plain": 90}}
    assert [step["name"] for step in said["campaigns"][0]["steps"]] == ["nudge"]
    assert compared["campaigns"][0]["split"]["holdout"] == 10


async def test_campaigns_that_somebody_has_changed_meanwhile_stay_as_they_are(console: Console):
    marketer = await console.somebody("marketer")
    await marketer.get(END, campaign="cart", arm="treatment")
    console.fake.refuses["PUT /campaigns"] = (412, {"detail": "The campaigns have changed since this version."})
    answer = await marketer.post(END, campaign="cart", arm="treatment", typed="cart", etag='"3"')
    assert (answer.status_code, "have changed since" in answer.text) == (409, True)
    assert (await console.audited())[-1] == ("experiments.end.failed", "campaign:cart")


@pytest.mark.parametrize("source", ["file", "default"])
async def test_of_a_file_the_lines_are_shown_and_nothing_is_put(console: Console, source: str):
    marketer = await console.somebody("marketer")
    console.fake.source = source
    page = (await marketer.get(END, campaign="cart", arm="treatment")).text
    assert "Write these lines there" in page
    assert "name: cart" in page
    assert "holdout: 10" not in page
    assert "low_stock" not in page, "the one campaign alone"
    answer = await marketer.post(END, campaign="cart", arm="treatment", typed="cart", etag='"4"')
    assert answer.status_code == 409
    assert console.fake.calls == []


async def test_what_is_no_arm_or_no_campaign_is_nothing(console: Console):
    marketer = await console.somebody("marketer")
    for query in ({"campaign": "x"}, {"campaign": "x", "arm": "a"}, {"campaign": "cart", "arm": "holdout"}):
        assert (await marketer.get(END, **query)).status_code == 404
    assert "Nothing is compared" in (await marketer.get(END, campaign="low_stock")).text
