"""The stores of an installation: found by id, changed while the service runs."""

from services.cart.auth.authenticators import Authenticators
from services.cart.domain.store import Store
from services.cart.stores.registry import Source, StoreRegistry
from tests.unit.cart.auth.test_authenticator import STORE, TOKEN_SECRET, bearer, token


def stores(**more: object) -> dict[str, Store]:
    return {
        "shop": Store.model_validate(STORE | {"origins": ["https://shop.test"]}),
        "other": Store.model_validate(STORE | {"origins": ["https://other.test"]} | more),
    }


def test_a_store_is_found_by_its_id_only():
    book = StoreRegistry(stores())
    assert set(book.ids()) == {"shop", "other"}
    assert book.get("nobody") is None
    other = book.get("other")
    assert other is not None
    assert other.origins == {"https://other.test"}
    assert book.origins == {"https://shop.test", "https://other.test"}


def test_what_changes_is_obeyed_from_then_on_and_what_stays_keeps_its_door():
    book = StoreRegistry(stores())
    callers = Authenticators(book, TOKEN_SECRET)
    before = {store_id: book.get(store_id) for store_id in book.ids()}
    shop = book.get("shop")
    assert shop is not None
    kept = callers.of(shop)
    book.put("environment", stores(origins=["https://new.test"], expiry={"guest_days": 2}))
    assert book.get("shop") is before["shop"]
    assert callers.of(shop) is kept
    other = book.get("other")
    assert other is not None
    assert other is not before["other"]
    assert other.origins == {"https://new.test"}
    assert "https://other.test" not in book.origins
    assert book.lifetimes()["other"].guest.days == 2
    assert callers.of(other).shopper(bearer(token())).store_id == "other"


def test_a_store_that_is_gone_is_found_no_more():
    book = StoreRegistry(stores())
    book.put("environment", {"shop": stores()["shop"]})
    assert book.get("other") is None
    assert list(book.lifetimes()) == ["shop"]


def test_a_file_goes_before_the_environment_and_that_before_the_api():
    book = StoreRegistry({})
    said: list[tuple[Source, str]] = [("api", "StoredReply"), ("environment", "Set"), ("file", "Written")]
    for source, name in said:
        book.put(source, {"shop": stores()["shop"].model_copy(update={"name": name})})
        shop = book.get("shop")
        assert shop is not None
        assert (shop.store.name, shop.source) == (name, source)
    assert book.fixed("shop")
    book.put("file", {})
    book.put("environment", {})
    shop = book.get("shop")
    assert shop is not None
    assert (shop.store.name, shop.source, book.fixed("shop")) == ("StoredReply", "api", False)
