"""By which names a campaign's steps may call templates, and by which channels each can go."""

from services.notifier.domain.campaign_assets import templates_by_channel

CHANNELS, TEXTUAL = ("email", "sms", "whatsapp"), ("sms",)


def test_a_template_without_words_for_a_text_goes_by_no_channel_that_carries_one() -> None:
    found = templates_by_channel({"letter": False, "both": True}, {}, CHANNELS, TEXTUAL)
    assert found == {"both": ("email", "sms", "whatsapp"), "letter": ("email", "whatsapp")}


def test_what_a_store_says_by_the_api_lies_on_top_of_files_and_hides_no_text() -> None:
    found = templates_by_channel({"cart": True, "a": False}, {"cart": False, "a": True, "own": False}, *[CHANNELS] * 2)
    assert {name: bool(channels) for name, channels in found.items()} == {"a": True, "cart": True, "own": False}


def test_a_template_of_each_step_is_named_without_its_number_too() -> None:
    found = templates_by_channel({"cart_1": False, "cart_2": True, "cart_3": False}, {}, CHANNELS, TEXTUAL)
    assert sorted(found) == ["cart", "cart_1", "cart_2", "cart_3"]
    assert found["cart"] == CHANNELS
