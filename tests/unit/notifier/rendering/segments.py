"""What the shipped texts cost, in each language, with links as they were and as they are.

`python -m tests.unit.notifier.rendering.segments` prints the table of `services/notifier/decisions/short-links.md`.
"""

from collections.abc import Iterator
from datetime import timedelta

from babel import Locale

from deploy.playground.segments import count_segments
from services.cart.domain.tokens import Recovery, issue_recovery_token
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.short_link import ShortLinks
from services.notifier.domain.unsubscribe_link import Links, Unsubscription
from services.notifier.rendering.message import Draft, compose_text
from services.notifier.rendering.templates import Templates
from tests.unit.notifier.languages import LANGUAGES
from tests.unit.notifier.making import CART, NOON, THREE, contact, low_stock, reminder, store, three_low

TEXTS = ("abandoned_cart_1", "abandoned_cart_2", "abandoned_cart_3", "low_stock", "low_stock_several")
SENDERS = {"a number": "+15005550006", "a word": "Nordwind"}
"""A word takes no answers, so such a text has a second link, to opt out."""
PUBLIC_URL, SECRET = "https://n.nordwind.example", "s" * 32
CUSTOMER = "5f0c2b5e-7f0b-4c1d-9a50-1d1f0a27c0ff"
TEMPLATES, SHORT, LONG = Templates(), ShortLinks(SECRET, PUBLIC_URL), Links(SECRET, PUBLIC_URL)


def text(template: str, language: str, sender: str, *, short: bool) -> str:
    """A text of a store with a name and an address of usual length, to a customer whose id is a UUID."""
    asked, links = _asked(template), SHORT.of(reminder().reminder_id)
    token = issue_recovery_token(SECRET.encode(), Recovery(CART, NOON + timedelta(days=30), 0))
    seen = three_low().model_copy(update={"recovery_url": f"https://nordwind.example/cart?recover={token}"})
    leaving = LONG.unsubscribe_url(Unsubscription("nordwind", CUSTOMER, "sms"))
    shop, who = store(name="Nordwind", sms_from=SENDERS[sender]), contact(locale=language)
    out, back = (links.unsubscribe_url, links.url) if short else (leaving, None)
    return compose_text(Draft(asked, who, seen, shop, TEMPLATES, out, NOON, short_url=back))


def _asked(template: str) -> Reminder:
    if not template.startswith("low_stock"):
        return reminder(channel="sms", template=template)
    return low_stock(also_low=THREE if template.endswith("several") else ())


def segments(template: str, language: str, sender: str) -> tuple[int, int]:
    """How many segments it has with the links of before, and with those of today."""
    before, after = (count_segments(text(template, language, sender, short=short)) for short in (False, True))
    return before, after


def table() -> Iterator[str]:
    """A row for each language: the segments of each text, of before and of today, by sender."""
    yield "| | sender | " + " | ".join(f"`{template}`" for template in TEXTS) + " | all |"
    yield "|" + "---|" * (len(TEXTS) + 3)
    for language in LANGUAGES:
        name = Locale.parse(language, sep="-").get_display_name("en")
        for sender in SENDERS:
            both = [segments(template, language, sender) for template in TEXTS]
            whole = (sum(before for before, _ in both), sum(after for _, after in both))
            cells = [f"{before} → {after}" for before, after in [*both, whole]]
            yield f"| {name} | {sender} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    print("\n".join(table()))
