"""A campaign that is told reads back as its file says it."""

from services.trigger.domain.campaigns import CampaignFile

FILE = {
    "timezone": "Europe/Warsaw",
    "campaigns": [
        {
            "kind": "abandoned_cart",
            "name": "cart",
            "conditions": {"minimum_total": {"EUR": 1000}},
            "exit_on": ["cart.emptied"],
            "split": {"holdout": 10, "arms": {"plain": 45, "coupon": 45}},
            "steps": [
                {
                    "name": "first",
                    "delay": "720ms",
                    "channel": "email",
                    "template": "cart",
                    "at": {"between": ["09:00", "20:30"], "days": ["mon-wed", "sun"]},
                },
                {
                    "name": "second",
                    "delay": "1d2h",
                    "channels": ["sms", "email"],
                    "template": "cart",
                    "when": {"arm": "coupon"},
                },
            ],
        }
    ],
}


def test_a_campaign_that_is_told_reads_back_as_its_file_says_it() -> None:
    """Story: times of day and days were told in another way than they are written, and nobody could read them."""
    file = CampaignFile.model_validate(FILE)
    told = [campaign.model_dump(mode="json") for campaign in file.campaigns]
    at = told[0]["steps"][0]["at"]
    assert at == {"between": ["09:00", "20:30"], "days": ["mon", "tue", "wed", "sun"], "zone": "Europe/Warsaw"}
    assert CampaignFile.model_validate({"campaigns": told}).campaigns == file.campaigns
