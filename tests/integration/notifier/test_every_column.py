"""Every column that can hold something of a customer is reached by erasure and export: a new one has to be put here."""

from libs.contracts.events import CouponFrom, LowItem, ReminderRequested
from services.notifier.db import coupon_pools, lifting, monthly_wishes, pixel_consents, replies, suppressions
from services.notifier.db.coupon_pools import Filled
from services.notifier.db.pixel_consents import PixelConsent
from services.notifier.db.preferences import Link
from services.notifier.domain.answers import Answer
from services.notifier.domain.coupons import Coupon, Pool
from services.notifier.domain.preferences import Wish
from services.notifier.handlers.answers import From, take_answer
from services.notifier.handlers.preferences import change, read
from tests.integration.notifier.conftest import World, low_stock, profile
from tests.integration.notifier.stand_ins import STORE
from tests.integration.notifier.test_erasure import everything, reports, request, told_to_stop
from tests.integration.notifier.web.customers.test_export import ask
from tests.support.columns import columns, each, unfilled

OF_A_CUSTOMER = each(
    {
        "answers": "reminder_id answer weight provider status reason",
        "confirmations": "store_id customer_id channel recipient",
        "coupon_codes": "store_id pool code customer_id recipient",
        "contacts": "store_id customer_id email phone name locale timezone country region handles",
        "deliveries": "reminder_id store_id customer_id campaign kind channel template cart_id order_id sku also_low "
        "viewed variant coupon coupon_from coupon_code state reason provider_id lease_token recipient unsubscribe_link "
        "cart_link handed_over content",
        "lifted_suppressions": "store_id channel subject reason source status lifted_by why",
        "preference_changes": "store_id customer_id reminder_id was became wording",
        "preferences": "store_id channel subject declined",
        "reach": "store_id customer_id timezone country region channels",
        "pixel_consents": "store_id customer_id wording told_by",
        "monthly_wishes": "store_id customer_id sku skus order_id every wording confirmed_wording",
        "replies": "message_sid store_id meaning customer_id channel subject read_as read_by",
        "suppressions": "subject",
    }
)
OF_NOBODY = each(
    {
        "address_salt": "salt",
        "erased_customers": "mark",  # a salted hash
        "erasure_salt": "salt",
        "template_versions": "store_id name document made_by",  # a shop's own words
        "stores": "store_id description",  # of the shop itself
        "campaign_assets": "store_id templates pools",  # names that a shop has given
        "coupon_pools": "store_id pool source pattern url check_url",  # of the shop itself
        "content_views": "store_id reminder_id viewed_by",  # of who looked, by the name of a key
        "deliveries": "exit_on channels",  # the campaign's words
        "provider_rates": "provider",  # its name in the registry
        "called_off": "reminder_id store_id",  # a message that nothing was heard of, for 40 days
        "pauses": "store_id campaign channel why",  # what a shop holds back
        "link_visits": "reminder_id link provider",  # for an hour, and as long as its message
        "preview_views": "store_id cart_id viewed_by",  # of who looked, by the name of a key
        "outbox": "topic key value headers",  # goes to Kafka before the report does
        "provider_events": "provider event_id",  # a name that a provider gave to what it told, for 35 days
        "suppressions": "store_id channel reason source status",  # addresses stand there as salted hashes, and stay
    }
)


async def heard_of(world: World, request: ReminderRequested) -> None:
    """A bounce with all that can be said of one, which closes nothing."""
    bounced = Answer("e1", "bounced", world.now, request.reminder_id, status="4.2.2", reason="ses_mailboxfull")
    async with world.pool.acquire() as connection, connection.transaction():
        assert await take_answer(connection, From("ses", "email"), bounced, world.stores, world.now) == "taken"


async def lifted(world: World) -> None:
    """What closed a channel by name, lifted again."""
    async with world.pool.acquire() as connection, connection.transaction():
        by = suppressions.ClosedBy("ses", "5.1.1")
        await suppressions.suppress_subject(connection, STORE, "email", "customer:anna", "bounced", by)
        what = lifting.Lift("email", ["customer:anna"], ["bounced"], "mia", "it works again")
        assert len(await lifting.lift(connection, STORE, what)) == 1


async def chosen(world: World, message: ReminderRequested) -> None:
    """They want no news by e-mail."""
    link = Link(message.reminder_id, STORE, "anna", "email", "address:1")
    async with world.pool.acquire() as connection, connection.transaction():
        wish = Wish({"email": frozenset({"cart_reminders", "stock_alerts"})})
        assert await change(connection, link, await read(connection, link), wish, "No news", world.now)


async def test_every_column_was_looked_at(world: World):
    found = await columns(world.pool)
    assert found - set(OF_A_CUSTOMER) - set(OF_NOBODY) == set(), "may it hold something of a customer?"
    assert set(OF_A_CUSTOMER) | set(OF_NOBODY) == found


async def test_erasure_reaches_every_table_of_theirs_and_so_does_export(world: World):
    await world.knows(timezone="Europe/Berlin", country="DE", region="BE")
    waiting = profile(
        version=2, timezone="Europe/Berlin", country="DE", region="BE", sms_consent=False, unconfirmed=("sms",)
    )
    await world.receive(waiting.model_copy(update={"occurred_at": world.now}))
    async with world.pool.acquire() as connection, connection.transaction():
        await coupon_pools.put(connection, Pool(STORE, "back10", "codes"))
        await coupon_pools.fill(connection, STORE, "back10", Filled([Coupon("B-1", None)], instead=False))
    offered = CouponFrom(pool="back10")
    first = await world.asks(variant="bold", coupon="BACK10", order_id="o-1001", coupon_from=offered)
    await world.deliver()
    await chosen(world, first)
    held_back = await world.asks(**low_stock(also_low=(LowItem(sku="jug", threshold=5),), viewed=("pot",)))
    async with world.pool.acquire() as connection, connection.transaction():
        await replies.note(connection, "SM1", STORE, "unclear", "+4915112345678")
        await replies.read(connection, "SM1", STORE, "other", "mia@shop.example", world.now)
    await told_to_stop(world)
    await world.pool.execute("""UPDATE deliveries SET handed_over = '{"by": "orders"}'""")
    held = "UPDATE deliveries SET reason = 'quiet_hours', lease_token = gen_random_uuid() WHERE finished_at IS NULL"
    await world.pool.execute(held)
    await world.pool.execute("UPDATE deliveries SET provider_id = 'p' WHERE finished_at IS NOT NULL")
    await heard_of(world, first)
    await lifted(world)
    said = PixelConsent(True, world.now, "May we see what you open?", "shop")
    async with world.pool.acquire() as connection:
        await pixel_consents.keep(connection, STORE, "anna", said)
        wanted = monthly_wishes.Question(STORE, "anna", "email", "o-1001", skus=("mug",))
        await monthly_wishes.add(connection, wanted, "Every month?", world.now)
        assert await monthly_wishes.confirm(connection, wanted, "Sure?", world.now)
    assert await unfilled(world.pool, OF_A_CUSTOMER) == set(), "or else nothing is shown of it"
    exported = (await ask(world, "anna")).json()
    assert ["jug"] in [message["also_low"] for message in exported["messages"]]
    assert ["pot"] in [message["viewed"] for message in exported["messages"]]
    assert all(
        exported[kind]
        for kind in (
            "contacts",
            "messages",
            "answers",
            "lifted_suppressions",
            "replies",
            "suppressions",
            "reach",
            "confirmations",
            "preferences",
            "preference_changes",
            "coupons",
            "pixel_consents",
            "monthly_wishes",
        )
    )
    await world.receive(request(world))
    left = await everything(world)
    for secret in ("anna", "Anna", "+4915112345678", "SM1", str(first.cart_id), str(held_back.reminder_id)):
        assert secret not in left
    (report,) = await reports(world)
    assert {p.place for p in report.places if p.rows is not None} == {f"table {t}" for t in OF_A_CUSTOMER.values()}
