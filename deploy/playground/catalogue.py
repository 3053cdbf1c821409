"""What the demo shop sells and who its regular customers are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to be chosen of a product: `extra` is what each value costs more, in minor units."""

    name: str
    extra: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Product:
    """``price`` is in minor units of the store's currency; the picture is ``/static/pictures/{sku}.svg``. All choices
    of a product share its stock.
    """

    sku: str
    title: str
    description: str
    price: int
    stock: int = 12
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Customer:
    """A regular customer: the numbers are of the range that North America keeps for fiction (555-0100 to 555-0199)."""

    id: str
    name: str
    email: str
    phone: str
    locale: str
    timezone: str

    def profile(self) -> dict[str, object]:
        """What the store tells Evercart about this customer, who agreed to both channels."""
        return {
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "locale": self.locale,
            "timezone": self.timezone,
            "email_consent": True,
            "sms_consent": True,
        }


PRODUCTS = (
    Product("mug", "Enamel mug", "Chip-proof, campfire-proof, Monday-proof.", 1400),
    Product("lantern", "Storm lantern", "Brass and glass; burns twelve hours a fill.", 4800),
    Product("blanket", "Wool blanket", "Woven in Donegal from undyed yarn.", 9500),
    Product("kettle", "Gooseneck kettle", "A slow, even pour, 0.9 litres.", 6900),
    Product("lamp", "Reading lamp", "Warm light that stays on the page.", 8900),
    Product(
        "rucksack",
        "Canvas rucksack",
        "Waxed cotton, mended for life.",
        11800,
        choices=(
            Choice("size", {"14 litres": 0, "22 litres": 1500}),
            Choice("colour", {"moss": 0, "sand": 0, "black": 0}),
        ),
    ),
    Product("monstera", "Monstera in clay", "Three leaves now, a jungle later.", 3200),
    Product(
        "notebook",
        "Linen notebook",
        "Lies flat; 160 pages.",
        1650,
        choices=(Choice("paper", {"dotted": 0, "ruled": 0, "plain": 0}),),
    ),
)
CUSTOMERS = (
    Customer("ana", "Ana Petrović", "ana@example.com", "+12015550123", "en", "Europe/Belgrade"),
    Customer("jonas", "Jonas Becker", "jonas@example.com", "+12015550124", "de", "Europe/Berlin"),
    Customer("maja", "Maja Nowak", "maja@example.com", "+12015550125", "pl", "Europe/Warsaw"),
)


def customer_id(name: str) -> str | None:
    """The id of whoever typed this name: its letters and digits in ASCII, or None if nothing is left of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40]
    return slug or None
