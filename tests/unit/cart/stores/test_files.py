"""Files of stores that change while the service runs."""

from pathlib import Path

import pytest
from prometheus_client import REGISTRY, generate_latest
from structlog.testing import capture_logs

from libs.files.yaml_file import FileFaultError
from services.cart.stores.files import StoreFolder
from services.cart.stores.registry import StoreRegistry
from tests.unit.cart.auth.test_authenticator import JWT_KEY

GOOD = f"""\
name: Shop
currency: EUR
time_zone: Europe/Warsaw
jwt_key: {JWT_KEY}
secret_keys: [sk_test_0123456789abcdef0123]
recovery_url: https://shop.test/cart/{{token}}
limits: {{lines: 20}}
expiry:
  guest_days: 7
"""


@pytest.fixture
def book() -> StoreRegistry:
    return StoreRegistry({})


@pytest.fixture
def folder(tmp_path: Path, book: StoreRegistry) -> StoreFolder:
    (tmp_path / "shop.yaml").write_text(GOOD)
    (tmp_path / "notes.txt").write_text("no store")
    folder = StoreFolder(tmp_path, book)
    folder.open()
    return folder


def name(book: StoreRegistry, store_id: str = "shop") -> str | None:
    entry = book.get(store_id)
    return entry.store.name if entry else None


def broken(store: str) -> float | None:
    return REGISTRY.get_sample_value("evercart_cart_store_broken", {"source": "file", "store": store})


def test_each_file_is_a_store_named_after_it(folder: StoreFolder, book: StoreRegistry):
    assert set(book.ids()) == {"shop"}
    shop = book.get("shop")
    assert shop is not None
    assert (shop.source, shop.store.time_zone, shop.limits.lines) == ("file", "Europe/Warsaw", 20)
    assert book.lifetimes()["shop"].guest.days == 7


def test_a_changed_file_a_new_one_and_one_that_is_gone_count(folder: StoreFolder, book: StoreRegistry, tmp_path: Path):
    (tmp_path / "shop.yaml").write_text(GOOD.replace("Shop", "Another name"))
    (tmp_path / "second.yaml").write_text(GOOD.replace("Shop", "Second"))
    folder.refresh()
    assert (name(book), name(book, "second")) == ("Another name", "Second")
    (tmp_path / "shop.yaml").unlink()
    folder.refresh()
    assert list(book.ids()) == ["second"]


def test_a_broken_file_is_told_of_by_file_field_and_rule_and_the_last_good_one_holds(
    folder: StoreFolder, book: StoreRegistry, tmp_path: Path
):
    file = tmp_path / "shop.yaml"
    file.write_text(GOOD.replace("lines: 20", "lines: 501") + "merge: mix\nsecret: hunter2hunter2\n")
    with capture_logs() as logs:
        folder.refresh()
        folder.refresh()
    (told,) = [entry for entry in logs if entry["event"] == "stores.broken"]
    assert told["error"].splitlines() == [
        "shop.yaml:7: limits.lines: Input should be less than or equal to 500",
        "shop.yaml:10: merge: Input should be 'max', 'sum', 'guest_wins', 'customer_wins' or 'save_for_later'",
        "shop.yaml:11: secret: Extra inputs are not permitted",
    ]
    assert "hunter2" not in str(logs)
    assert (name(book), broken("shop"), told["kept_old"]) == ("Shop", 1, True)
    file.write_text(GOOD.replace("Shop", "Mended"))
    folder.refresh()
    assert (name(book), broken("shop")) == ("Mended", 0)


@pytest.mark.parametrize("text", ["name: " + "[" * 5_000, "name: !!int ''", "name: !!timestamp x", "name: 2026-99-99"])
def test_no_file_whatever_it_says_takes_another_ones_store(
    folder: StoreFolder, book: StoreRegistry, tmp_path: Path, text: str
):
    """Story: deep nesting or an odd tag in one shop's file ended every process that served all shops."""
    (tmp_path / "shop.yaml").write_text(text)
    (tmp_path / "deep.yaml").write_text(text)
    (tmp_path / "\udcff.yaml").write_text(GOOD)
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "second.yaml").write_text(GOOD.replace("Shop", "Second"))
    folder.refresh()
    assert (name(book), name(book, "second"), set(book.ids())) == ("Shop", "Second", {"shop", "second"})
    assert (broken("shop"), broken("deep"), broken("second")) == (1, 1, None)
    assert generate_latest(REGISTRY)


def test_a_new_file_that_is_broken_makes_no_store(folder: StoreFolder, book: StoreRegistry, tmp_path: Path):
    (tmp_path / "new.yaml").write_text(GOOD.replace(JWT_KEY, "short"))
    folder.refresh()
    assert list(book.ids()) == ["shop"]
    assert broken("new") == 1


def test_at_the_start_a_broken_file_is_an_error_that_names_every_fault_and_no_value(
    tmp_path: Path, book: StoreRegistry
):
    (tmp_path / "Shop.yaml").write_text(GOOD)
    (tmp_path / "one.yaml").write_text(GOOD.replace(JWT_KEY, "tooshort"))
    (tmp_path / "two.yaml").write_text("name: [")
    with pytest.raises(FileFaultError) as fault:
        StoreFolder(tmp_path, book).open()
    text = str(fault.value)
    assert "Shop.yaml:1: file: the name is no store id" in text
    assert "one.yaml:1: file: jwt_key is too short for HS256" in text
    assert "two.yaml:1:" in text
    assert "tooshort" not in text
    with pytest.raises(FileFaultError, match="No such file"):
        StoreFolder(tmp_path / "nowhere", book).open()


def test_while_the_folder_cannot_be_read_everything_holds(folder: StoreFolder, book: StoreRegistry, tmp_path: Path):
    tmp_path.rename(tmp_path.with_name("away"))
    folder.refresh()
    assert name(book) == "Shop"
    tmp_path.with_name("away").rename(tmp_path)
    folder.refresh()
    assert name(book) == "Shop"
