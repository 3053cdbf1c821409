"""`evercart demo`, as a stranger runs it, but with a campaign file of few seconds."""

import io

import pytest
from rich.console import Console

from deploy.commands.stack import started
from deploy.local.up import Wanted
from deploy.story.narrator import Narrator, NotSoError
from deploy.story.telling import place_of, tell_at

CAMPAIGNS = """
campaigns:
  - name: abandoned_cart
    kind: abandoned_cart
    steps:
      - {delay: 3s, channel: email, template: abandoned_cart}
      - {delay: 18s, channel: sms, template: abandoned_cart}
  - name: low_stock
    kind: low_stock
    threshold: %d
    steps:
      - {channel: sms, template: low_stock}
"""


def campaigns(state, threshold: int) -> None:
    folder = state / "1" / "campaigns"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "demo.yaml").write_text(CAMPAIGNS % threshold)


async def test_the_whole_story_comes_true_and_a_stack_without_reminders_of_stock_is_found_out(
    tmp_path, postgres_server, kafka
):
    campaigns(tmp_path, threshold=5)
    output = io.StringIO()
    async with started(tmp_path, lambda _: None, Wanted(postgres_server, kafka)) as stack:
        narrator = Narrator(Console(file=output, highlight=False))
        await tell_at(place_of(stack), narrator)
        told = output.getvalue()

        campaigns(tmp_path, threshold=1)
        with pytest.raises(NotSoError, match="threshold is under 4"):
            await tell_at(place_of(stack), narrator)
    for sentence in (
        "a guest's cart holds 1 x Linen throw and 2 x Brass lantern: 168.00 EUR",
        "the laptop shows 1 x Linen throw and 2 x Brass lantern, added on the phone",
        "text and HTML name both things",
        "opened without a log-in it shows",
        "it says the real number: 4",
        "the order closed the cart",
        "the first e-mail asks whether the address is theirs; it names no goods",
        "the guest says yes on the page behind it; then the cart goes quiet, and its reminder comes",
        "sms 18 s would have been due by now, and nothing came",
    ):
        assert sentence in told
    assert "\x1b" not in told
