import jwt
import phonenumbers
import pytest

from deploy.playground import tokens
from deploy.playground.catalogue import CUSTOMERS, PRODUCTS, customer_id
from deploy.playground.pages import STATIC

KEY = "a key for the tokens of the store's customers"
NOW = 1_767_323_045.5


def test_a_token_is_one_that_any_library_reads():
    claims = jwt.decode(tokens.mint("ana", KEY, NOW), KEY, algorithms=["HS256"], options={"verify_exp": False})
    assert claims == {"sub": "ana", "iat": 1_767_323_045, "exp": 1_767_323_045 + tokens.LIFETIME_SECONDS}


def test_a_token_is_believed_until_it_expires():
    token = tokens.mint("ana", KEY, NOW)
    assert tokens.verify(token, KEY, NOW) == "ana"
    assert tokens.verify(token, KEY, NOW + tokens.LIFETIME_SECONDS) is None


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x",
        "a.b.c",
        "é.é.é",
        tokens.mint("ana", "another key", NOW),
        tokens.mint("ana", KEY, NOW) + "A",
        jwt.encode({"sub": "ana", "exp": 9e9}, "", algorithm="none"),
    ],
)
def test_a_token_that_the_shop_did_not_make_is_not_believed(forged):
    assert tokens.verify(forged, KEY, NOW) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Ana", "ana"), ("  Ana Petrović ", "ana-petrovic"), ("../../etc", "etc"), ("Żółw №5", "zow-no5"), ("✨", None)],
)
def test_a_name_becomes_an_id_that_is_safe_in_a_path(name, expected):
    assert customer_id(name) == expected


def test_every_product_has_a_picture_and_a_price():
    for product in PRODUCTS:
        assert (STATIC / "pictures" / f"{product.sku}.svg").is_file()
        assert product.price > 0


def test_regular_customers_have_numbers_that_can_be_dialled_and_belong_to_nobody():
    for customer in CUSTOMERS:
        assert phonenumbers.is_valid_number(phonenumbers.parse(customer.phone))
        assert customer.phone.startswith("+1201555012")
        assert customer.email.endswith("@example.com")


def test_pages_load_nothing_from_elsewhere():
    for file in STATIC.rglob("*"):
        if file.suffix in (".html", ".css", ".js", ".svg"):
            text = file.read_text().replace("http://www.w3.org/", "")
            assert "http://" not in text, file.name
            assert "https://" not in text, file.name


def test_scripts_never_hand_text_to_an_html_parser():
    forbidden = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "srcdoc")
    for file in (STATIC / "js").iterdir():
        assert not any(word in file.read_text() for word in forbidden), file.name
