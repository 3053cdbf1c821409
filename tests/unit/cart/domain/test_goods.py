"""Names of goods have one spelling, whichever door they come by."""

import pkgutil
from dataclasses import replace
from importlib import import_module
from typing import Annotated, Any
from unicodedata import is_normalized, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

import services.cart
from libs.contracts.names import BLANK, plain_name
from services.cart.api.paths import Sku
from services.cart.domain.cart_json import lines_json, read_lines, read_saved, saved_json
from services.cart.domain.commands import Body, SaveLine, line_id
from services.cart.domain.decide import decide
from services.cart.domain.goods import plain_options, plain_units
from services.cart.domain.stock.thresholds import ThresholdRule
from tests.unit.cart.carts import add, cart_of, moment

APART, WHOLE = "the\u0301", "th\u00e9"
"""Nobody sees that these are not the same."""
NAMES = {"sku", "location", "category"}


@given(st.text())
def test_a_name_has_one_spelling(text: str):
    name = plain_name(text)
    assert is_normalized("NFC", name)
    assert name == name.strip() == plain_name(name)
    assert name == plain_name(normalize("NFD", text)) == plain_name(f" \t{text}\u00a0\ufeff")
    assert name in normalize("NFC", text) or normalize("NFC", text.strip(BLANK)) == name


def test_what_people_can_see_tells_names_apart():
    names = ["tea", "Tea", "te a", "te  a", "the", WHOLE, "te\u200da", "\ufb01g", "fig"]
    assert [plain_name(name) for name in names] == names


@pytest.mark.parametrize("blank", [*BLANK, "", "  ", "\u2003\ufeff\n"])
def test_nothing_is_left_of_what_nobody_sees(blank: str):
    assert plain_name(blank) == ""
    assert plain_name(f"{blank}tea{blank}") == "tea"


def doors() -> list[tuple[str, Any]]:
    """Every field of a request, a record or a setting that names goods, in whatever module."""
    for module in pkgutil.walk_packages(services.cart.__path__, "services.cart."):
        if module.name.split(".")[2] in ("domain", "feeds"):
            import_module(module.name)
    models: list[type[BaseModel]] = [Body, ThresholdRule]
    found = list[type[BaseModel]]()
    while models:
        found.append(model := models.pop())
        models += model.__subclasses__()
    return [
        (f"{model.__name__}.{name}", Annotated[field.annotation, field])
        for model in dict.fromkeys(found)
        for name, field in model.model_fields.items()
        if name in NAMES
    ]


DOORS = doors()


def test_the_doors_are_found():
    named = {name for name, _ in DOORS}
    assert named >= {"AddLine.sku", "OrderLine.sku", "UpdatedLine.sku", "PlacedLine.sku", "HappenedLine.sku"}
    assert named >= {
        "Level.sku",
        "Price.sku",
        "Goods.sku",
        "Goods.location",
        "NewLevel.category",
        "ThresholdRule.category",
    }


@pytest.mark.parametrize(("door", "kind"), DOORS, ids=[name for name, _ in DOORS])
def test_two_spellings_are_one_name_at_every_door(door: str, kind: Any):
    """Story: a Mac's upload told the stock of one `é`, the shop sold the other: never low, never sold out."""
    adapter = TypeAdapter(kind)
    assert adapter.validate_json(f'"{APART}"') == adapter.validate_json(f'" {WHOLE}\u00a0"') == WHOLE
    for blank in ('""', '" "', '"\u2003\ufeff"'):
        with pytest.raises(ValidationError, match="at least 1 character"):
            adapter.validate_json(blank)


def test_so_are_they_in_a_path():
    adapter = TypeAdapter(Sku)
    assert adapter.validate_python(f" {APART}") == WHOLE
    with pytest.raises(ValidationError):
        adapter.validate_python(" ")


def test_options_are_spelled_once_too():
    one = add(APART, options={"cafe\u0301 ": f" {APART}"})
    assert (one.sku, one.options) == (WHOLE, {"caf\u00e9": WHOLE})
    assert one.line_id() == line_id(WHOLE, {"caf\u00e9": WHOLE})


@pytest.mark.parametrize(
    "options",
    [
        {" ": "M"},
        {"size": ""},
        {"size": "\u00a0"},
        {"size": "M", "size ": "L"},
        {"e\u0301": "1", "\u00e9": "1"},
        {"s": 1},
    ],
)
def test_blank_options_and_one_named_twice_are_refused(options: dict[str, str]):
    with pytest.raises(ValidationError):
        add("tea", options=options)


def test_as_many_options_as_before_are_taken():
    assert len(add("tea", options={f"o{n}": "x" for n in range(10)}).options) == 10
    for wrong in ({f"o{n}": "x" for n in range(11)}, {"o" * 41: "x"}, {"o": "x" * 101}, ["size"]):
        with pytest.raises(ValidationError):
            add("tea", options=wrong)
    assert add("tea", options={"o" * 40: "x" * 100}).options


def test_lines_that_were_stored_before_are_spelled_when_they_are_read():
    cart = cart_of(add("tea", options={"size": "M"}))
    odd = lines_json(cart).replace(b'"tea"', f'" {APART}"'.encode()).replace(b'"size"', b'"size "')
    (line,) = read_lines(odd)
    assert (line.sku, line.options) == (WHOLE, {"size": "M"})
    assert line.line_id == cart.lines[0].line_id
    aside = decide(cart, SaveLine(line.line_id), moment())
    assert aside is not None
    odd = saved_json(aside.cart).replace(b'"tea"', f'"{APART}"'.encode())
    assert [(one.sku, one.currency) for one in read_saved(odd)] == [(WHOLE, "EUR")]
    assert read_saved(b"[]") == ()


def test_an_add_finds_the_line_that_was_stored_under_another_spelling():
    cart = cart_of(add("tea", 2, options={"size": "M"}))
    odd = lines_json(cart).replace(b'"tea"', f'"{APART}"'.encode())
    change = decide(replace(cart, lines=read_lines(odd)), add(WHOLE, options={"size": "M"}), moment(1))
    assert change is not None
    assert [(line.line_id, line.quantity) for line in change.cart.lines] == [(cart.lines[0].line_id, 3)]
    assert change.event.line_id == cart.lines[0].line_id  # type: ignore[attr-defined]


def test_units_of_orders_that_were_stored_before_are_those_of_one_name():
    assert plain_units({APART: 1, WHOLE: 2, " tea": 4}) == {WHOLE: 3, "tea": 4}
    options = {"size": "M"}
    assert plain_options(options) is options
    assert plain_options({"size ": "M"}) == {"size": "M"}
    assert plain_options({"size": "M "}) == {"size": "M"}
