import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from deploy.local.folders import ROOT
from deploy.story import telling
from deploy.story.anna import Anna, Post
from deploy.story.links import candidates
from deploy.story.mailbox import Letter, links_in
from deploy.story.narrator import Narrator, NotSoError, ensure
from deploy.story.story import SILENCE
from deploy.story.telling import Place, Told
from deploy.story.timing import plan
from deploy.traffic.cart_api import Store
from libs.files.yaml_file import parse
from services.trigger.campaigns.registry import load_campaigns
from services.trigger.domain.campaigns import CampaignFile
from services.trigger.main import MIGRATIONS

DEMO = ROOT / "deploy" / "local" / "campaigns" / "demo.yaml"
TOKEN = "r1_" + "Ab-9_" * 11
STEP = "- {delay: %s, channel: %s, template: abandoned_cart}"
LOW = "- {name: low_stock, kind: low_stock, threshold: 4, steps: [{channel: sms, template: low_stock}]}"


def test_the_story_of_the_local_stack_waits_for_less_than_thirty_five_seconds() -> None:
    """Its last sentence is the silence after the last step; whatever happens before that takes no longer."""
    assert plan(load_campaigns(DEMO)).last.delay + SILENCE < timedelta(seconds=35)


def campaigns(*steps: tuple[str, str], low: str = LOW):
    listed = "\n      ".join(STEP % step for step in steps)
    return parse(
        f"campaigns:\n  - name: a\n    kind: abandoned_cart\n    steps:\n      {listed}\n  {low}\n",
        "x.yaml",
        CampaignFile,
    )


def letter(number: str, text: str = "hello") -> Letter:
    return Letter(number, "sms", datetime(2026, 1, 1, tzinfo=UTC), None, text, None)


class Box:
    def __init__(self, *rounds: list[Letter]) -> None:
        self.rounds = list(rounds)

    async def arrived(self, to: str, wait_s: float = 0) -> list[Letter]:
        return self.rounds.pop(0) if len(self.rounds) > 1 else self.rounds[0]


@pytest.mark.parametrize(
    "link",
    [f"http://shop/cart?recover={TOKEN}", f"https://shop/r/{TOKEN}", f"https://shop/#/cart?token=x&t={TOKEN}"],
)
def test_a_token_is_found_wherever_a_shop_puts_it(link):
    assert TOKEN in list(candidates(link))


def test_short_words_of_a_link_are_no_tokens():
    assert list(candidates("http://shop/cart/checkout?step=payment&lang=en")) == []


def test_links_are_those_of_the_html_first_and_each_once():
    html = '<p><a href="http://a/1">x</a> <a href="mailto:x@y">m</a> <a href="http://a/2?x=1&amp;y=2">y</a></p>'
    assert links_in("see http://a/1 or http://a/3.", html) == ("http://a/1", "http://a/2?x=1&y=2", "http://a/3")


def test_the_shipped_demo_file_can_be_told():
    told = plan(load_campaigns(ROOT / "deploy" / "local" / "campaigns" / "demo.yaml"))
    assert told.first.channel == "email"
    assert told.last.delay < timedelta(seconds=60)


def test_a_plan_has_the_steps_in_order_and_the_threshold():
    told = plan(campaigns(("5s", "email"), ("9s", "sms")))
    assert [(s.number, s.channel, s.delay.seconds) for s in told.steps] == [(1, "email", 5), (2, "sms", 9)]
    assert told.threshold == 4


def test_days_are_too_long_for_a_story():
    with pytest.raises(NotSoError, match="needs seconds"):
        plan(load_campaigns(MIGRATIONS.parent / "campaigns" / "default.yaml"))


def test_a_story_needs_a_step_that_the_order_can_stop():
    with pytest.raises(NotSoError, match="another step"):
        plan(campaigns(("5s", "email")))


def test_two_annas_share_no_address_and_have_reserved_ones():
    one, other = Anna.new(), Anna.new()
    assert one.email != other.email
    assert one.email.endswith("@example.com")
    assert one.phone.startswith("+120255501")


async def test_what_came_before_the_story_is_left_aside():
    box = Box([letter("old")], [letter("old"), letter("new")])
    post = Post(Anna.new(), Box([]), box)
    await post.open()
    assert [found.id for found in await post.received("sms")] == ["new"]


async def test_waiting_ends_as_soon_as_it_is_there():
    post = Post(Anna.new(), Box([]), Box([], [], [letter("a", "3 left")]))
    far = datetime.now(UTC) + timedelta(hours=1)
    found = await post.until("sms", lambda all_: next((x.text for x in all_ if "3" in x.text), None), far, "not so")
    assert found == "3 left"


async def test_waiting_in_vain_says_what_is_not_so():
    post = Post(Anna.new(), Box([]), Box([]))
    with pytest.raises(NotSoError, match="No text came"):
        await post.until("sms", lambda found: found or None, datetime.now(UTC), "No text came.")


async def test_the_end_says_how_long_the_story_took_beside_how_long_all_did(monkeypatch, capsys):
    """Story: of the seconds that were told nobody knew how many the stack had taken to start."""

    async def told(*_: object) -> Told:
        return Told("anna", timedelta(seconds=31))

    monkeypatch.setattr(telling, "tell_at", told)
    place = Place("", "", "", Store("demo", "", "", "EUR"), DEMO)
    assert await telling.tell(place, DEMO, None) == 0
    assert "The story took 31 s, 0 s with the stack around it." in capsys.readouterr().out


def test_without_a_terminal_there_is_no_colour_and_no_line_is_cut():
    output = io.StringIO()
    narrator = Narrator(Console(file=output, width=40, highlight=False))
    with narrator.step("A step"):
        narrator.found("word " * 30 + "[not markup]")
    assert "\x1b" not in output.getvalue()
    assert "word " * 30 + "[not markup]" in output.getvalue()


def test_a_step_that_fails_is_marked():
    output = io.StringIO()
    narrator = Narrator(Console(file=output))
    with pytest.raises(NotSoError), narrator.step("A step"):
        ensure(False, "It is not so.")
    assert "this is where the story stops" in output.getvalue()
