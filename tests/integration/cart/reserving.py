"""What tests of reservations do again and again."""

from typing import Any

from tests.integration.cart.shop import Shop, Visitor, done


async def reserve(who: Visitor, **headers: str) -> Any:
    return done(await who.ask("POST", "/cart/reservation", **headers))


async def gets(who: Visitor) -> dict[str, int]:
    return {line["sku"]: line["reserved"] for line in (await reserve(who))["lines"]}


async def short_of(who: Visitor) -> list[tuple[str, str, int]]:
    return [(n["kind"], n["sku"], n["after"]) for n in (await who.cart()).get("notices", ())]


async def expire(shop: Shop) -> None:
    """As if the minutes had passed, by the database's clock."""
    await shop.pool.execute("UPDATE reservations SET expires_at = now() - interval '1 second'")


async def shoppers(shop: Shop, level: int = 1, minutes: int = 15) -> tuple[Visitor, Visitor]:
    """Anna and Ben, who each have one tea in the cart."""
    shop.change_store(reservation_minutes=minutes)
    await shop.server().level("tea", level)
    anna, ben = shop.customer("anna"), shop.customer("ben", replica=1)
    await anna.add("tea")
    await ben.add("tea")
    return anna, ben
