"""One customer, one line of time: what support reads out on the phone."""

from tests.integration.console.pages.conftest import Console

SHOP = "/stores/shop"


async def test_what_somebody_agreed_to_stands_with_its_proof(console: Console):
    """Story: "I never agreed to this", and nobody could say when, where and to which words."""
    support = await console.somebody("support")
    page = (await support.get(f"{SHOP}/customer", id="anna")).text
    agreed, confirmed, chose = (
        page.index(word) for word in ("Agreed to messages", "Confirmed by the", "Chose what to")
    )
    assert chose < confirmed < agreed  # the newest first
    assert "Remind me of my cart by e-mail." in page[agreed:]
    assert "https://shop.example/checkout" in page[agreed:]
    assert "Do you want reminders about your cart from Lantern &amp; Loom" in page[confirmed:agreed]
    assert "not: News and ideas" in page[chose:confirmed]


async def test_who_is_silent_about_consents_is_named(console: Console):
    console.fake.refuses["/customers/anna/consents"] = (503, {"detail": "Not just now."})
    support = await console.somebody("support")
    page = (await support.get(f"{SHOP}/customer", id="anna")).text
    assert "Agreed to messages" not in page
    assert "does not answer. What it knows is missing here." in page
    assert "Decided to write" in page
