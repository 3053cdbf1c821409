"""A kind is added by its module and its line in the registry: files, backtest and live path know it by that alone."""

from pathlib import Path

import pytest

from deploy.commands.backtest import run_backtest
from libs.files.yaml_file import FileFaultError, parse
from services.trigger.domain.backtest import decisions
from services.trigger.domain.campaigns import CampaignFile
from services.trigger.domain.kinds import registry
from tests.unit.traffic.test_trace import trace
from tests.unit.trigger.made_up_kinds import CAMPAIGNS, FirstLine, SoldAgain
from tests.unit.trigger.making import added, after, campaigns, ordered


@pytest.fixture
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kinds have their lines."""
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, FirstLine, SoldAgain))


def test_a_kind_without_a_line_is_refused() -> None:
    with pytest.raises(FileFaultError, match=r"campaigns\.1: Input tag 'first_line' found using 'kind'"):
        parse(CAMPAIGNS, "shop.yaml", CampaignFile)


@pytest.mark.usefixtures("_registered")
def test_a_file_is_checked_by_the_kind() -> None:
    assert [campaign.kind for campaign in parse(CAMPAIGNS, "shop.yaml", CampaignFile).campaigns] == [
        "first_line",
        "sold_again",
        "abandoned_cart",
    ]
    with pytest.raises(FileFaultError, match=r"shop\.yaml:5: campaigns\.1\.steps\.1\.delay: write a duration"):
        parse(CAMPAIGNS.replace("15m", "soon"), "shop.yaml", CampaignFile)


@pytest.mark.usefixtures("_registered")
def test_the_backtest_decides_by_the_kind() -> None:
    events = [added("a"), added("b"), added("b", 2, after(minutes=5)), ordered("b", 3, after(minutes=30))]
    found = [(d.campaign, d.customer_id, d.reason) for d in decisions(events, campaigns(CAMPAIGNS), after(hours=1))]
    assert found == [
        ("first", "customer-a", "idle"),
        ("first", "customer-b", "cart_changed"),
        ("abandoned_cart", "customer-a", "idle"),
        ("abandoned_cart", "customer-b", "cart_changed"),
    ]


@pytest.mark.usefixtures("_registered")
def test_the_command_replays_a_trace_by_the_kind(tmp_path: Path) -> None:
    recorded = trace(tmp_path / "t.csv", "10:00:00 1 cart tea 1", "10:15:00 2 view tea 1")
    (tmp_path / "campaigns.yaml").write_text(CAMPAIGNS)
    counted = run_backtest(tmp_path / "campaigns.yaml", recorded, tmp_path / "out.jsonl")
    assert counted == {("would_send", "idle"): 1}
    assert '"campaign": "first"' in (tmp_path / "out.jsonl").read_text()
