"""What users of other carts complain of about a second screen: it shows what the first one did, by itself."""

from libs.postgres.pool import Pool
from tests.integration.cart.shop import Visitor, customer_token, done
from tests.integration.cart.streaming import listening, replica


async def test_the_other_browser_shows_the_change_by_itself_without_logging_in_anew(pool: Pool, dsn: str):
    """PrestaShop#19035, vue-storefront#5198: it showed the old cart until one logged in again, or loaded the page."""
    async with replica(pool, dsn) as one, replica(pool, dsn) as another:
        anna = {"Authorization": f"Bearer {customer_token('anna')}"}
        phone, laptop = Visitor(one.http, anna), Visitor(another.http, anna)
        await phone.add("tea")
        async with listening(laptop) as screen:
            await screen.until({"tea": 1})
            await phone.add("tea")
            await screen.until({"tea": 2})
            await phone.add("jam")
            await screen.until({"tea": 2, "jam": 1})
            done(await phone.ask("DELETE", "/cart/lines"))
            await screen.until({})


async def test_a_guest_who_logs_in_on_one_screen_has_the_cart_on_the_other_that_was_open_before(pool: Pool, dsn: str):
    """vue-storefront#5198: the other one kept the cart that it had fetched at its own log-in."""
    async with replica(pool, dsn) as one, replica(pool, dsn) as another:
        anna = {"Authorization": f"Bearer {customer_token('anna')}"}
        token = done(await Visitor(one.http, {}).ask("POST", "/cart/token"), 201)["cart_token"]
        guest = Visitor(one.http, {"X-Cart-Token": token})
        await guest.add("tea")
        async with listening(Visitor(another.http, anna)) as screen:
            assert (await screen.next()).cart["lines"] == []
            await Visitor(one.http, anna).claim(guest)
            await screen.until({"tea": 1})
