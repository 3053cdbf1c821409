"""What ships is there for every store's campaigns."""

from pathlib import Path

from libs.files.yaml_file import load
from services.notifier.channels.registry import CHANNELS
from services.notifier.handlers.campaign_assets import TEXTUAL, assets_of
from services.notifier.rendering.templates import Templates
from services.trigger.domain.campaigns import CampaignFile

CAMPAIGNS = Path(__file__).parents[4] / "services/trigger/campaigns"


def test_what_ships_goes_by_every_channel_and_pages_are_no_templates() -> None:
    found = assets_of(Templates().said, {}, ("back10",))
    assert found.templates is not None
    assert TEXTUAL == ("sms", "telegram")
    assert {"abandoned_cart", "abandoned_cart_1", "abandoned_cart_3", "low_stock_several", "post_purchase"} <= set(
        found.templates
    )
    assert set(found.templates.values()) == {tuple(CHANNELS)}
    assert {"common", "sms", "page", "preferences_page", "language"}.isdisjoint(found.templates)
    assert found.pools == ("back10",)


def test_while_files_can_t_be_read_nothing_is_said_of_templates() -> None:
    assert assets_of(None, {"own": True}, ()).templates is None


def test_the_campaigns_that_ship_name_what_ships() -> None:
    known = {"templates": assets_of(Templates().said, {}, ()).templates}
    assert load(CAMPAIGNS / "default.yaml", CampaignFile, known).campaigns
