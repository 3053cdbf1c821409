"""Each shopper's rows in order, each at its moment, whatever a trace calls people and goods."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.traffic.cart_api import RefusedError
from deploy.traffic.drive import Driver, profile
from deploy.traffic.schedule import Schedule
from deploy.traffic.trace import Row
from services.cart.domain.customers.profile import Contact

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


class Api:
    """Keeps what it is asked, in order; refuses what it is told to."""

    class store:  # noqa: N801 - stands for the attribute
        @staticmethod
        def customer(customer_id, device):
            return {"Authorization": customer_id}

    def __init__(self, refuses: str = "") -> None:
        self.calls: list[tuple[str, str, object]] = []
        self._refuses = refuses
        self._lines: dict[str, set[str]] = {}

    def _called(self, what, caller, about):
        self.calls.append((what, caller["Authorization"], about))
        if what == self._refuses:
            raise RefusedError(what, 503, "busy", "Try again.")

    async def add(self, caller, item):
        self._called("add", caller, (item.sku, item.price, caller["X-Occurred-At"]))
        lines = self._lines.setdefault(caller["Authorization"], set())
        lines.add(item.sku)
        return {"lines": [{"sku": sku, "line_id": f"line-{sku}"} for sku in sorted(lines)]}

    async def remove(self, caller, line_id):
        self._called("remove", caller, line_id)

    async def order(self, order_id, customer_id, headers):
        self._called("order", {"Authorization": customer_id}, headers)


def row(seconds: float, event: str, user: str = "7", sku: str = "s") -> Row:
    return Row(BEGIN + timedelta(seconds=seconds), user, event, sku, 100)


async def driven(rows: list[Row], api: Api):
    start = datetime.now(UTC) - timedelta(hours=1)
    driver = Driver(api, Schedule(BEGIN, start, 3600), "p-")  # type: ignore[arg-type]  # it has what is called
    moved: list[Row] = []
    await driver.drive(rows, moved.append)
    return driver.driven, moved


async def test_a_shoppers_rows_go_out_in_order_and_views_not_at_all():
    api = Api()
    rows = [row(0, "view"), row(1, "cart", sku="b"), row(1, "cart", sku="a"), row(2, "remove", sku="b")]
    found, moved = await driven([*rows, row(3, "purchase")], api)
    assert [call[0] for call in api.calls] == ["add", "add", "remove", "order"]
    assert api.calls[2][2] == "line-b"
    assert (found.done, found.errors, len(moved)) == (4, 0, 4)


async def test_what_was_never_added_is_asked_for_by_a_line_that_nobody_knows():
    api = Api()
    await driven([row(0, "cart", sku="a"), row(1, "remove", sku="b")], api)
    assert not str(api.calls[1][2]).startswith("line-")


async def test_an_order_empties_what_is_known_of_the_cart():
    api = Api()
    await driven([row(0, "cart", sku="a"), row(1, "purchase"), row(2, "remove", sku="a")], api)
    assert not str(api.calls[2][2]).startswith("line-")


async def test_changes_are_dated_to_the_microsecond():
    api = Api()
    await driven([row(0, "cart"), row(1, "cart")], api)
    first, second = (datetime.fromisoformat(call[2][2]) for call in api.calls)  # type: ignore[index]
    assert second - first == timedelta(microseconds=277)


async def test_a_refused_call_is_counted_and_the_shopper_goes_on():
    api = Api(refuses="add")
    found, _ = await driven([row(0, "cart"), row(1, "purchase")], api)
    assert (found.errors, found.done) == (1, 2)
    assert "503 busy" in found.problems[0]


@pytest.mark.parametrize("number", [0, 1, 99, 100, 982, 79_899])
def test_addresses_are_valid_and_nobody_has_them(number):
    contact = Contact.model_validate(profile("replay-abc123-", number))
    assert contact.email == f"replay-abc123-{number}@replay.example"
    assert contact.phone is not None
    assert contact.phone[5:10] == "55501"


def test_a_thousand_shoppers_share_no_number():
    assert len({profile("p-", number)["phone"] for number in range(1000)}) == 1000
