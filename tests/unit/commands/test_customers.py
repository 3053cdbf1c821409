"""`evercart customers show`: somebody found by id, address or order, on one screen."""

from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.commands import customers as module
from deploy.commands import installation, stack
from deploy.commands.installation import Installation, Service
from deploy.traffic.cart_api import RefusedError
from deploy.traffic.who import closed_in_words, masked, profile_in_words

BASE = "/v1/stores/demo"
PROFILE = {
    "email": "anna@shop.example",
    "phone": "+48601234711",
    "name": "Anna",
    "locale": "pl",
    "timezone": None,
    "email_consent": True,
    "email_consent_at": "2026-11-02T10:00:00Z",
    "sms_consent": False,
    "sms_consent_at": None,
}
NAMES = {"customer_id": "anna", "identities": ["loyalty/7"], "next": None}
BOUNCED = {
    "channel": "email",
    "subject": "address:abc",
    "reason": "bounced",
    "source": "ses",
    "status": "5.1.1",
    "created_at": "2026-11-20T10:00:00Z",
}


class Answers(Service):
    async def call(self, method: str, path: str, body: Any = None, headers: Any = None) -> Any:
        told = KNOWN.get(path)
        if told is None:
            raise RefusedError(f"asking the {self.name}", 404, "unknown", "")
        return told


KNOWN: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def shop(monkeypatch: pytest.MonkeyPatch) -> None:
    KNOWN.clear()
    KNOWN.update(
        {
            f"{BASE}/customers/loyalty%2F7/identities": {
                "customer_id": "anna",
                "identities": ["loyalty/7"],
                "next": None,
            },
            f"{BASE}/customers/anna/identities": NAMES,
            f"{BASE}/customers/anna/profile": PROFILE,
            f"{BASE}/suppressions?customer_id=anna": {"suppressions": [BOUNCED], "next": None},
            f"{BASE}/customers/find": {"customer_ids": ["anna"]},
            f"{BASE}/orders/o-7": {"customer_id": "anna"},
            f"{BASE}/orders/o-8": {"customer_id": None},
        }
    )
    asked = Installation(*(Answers(name, "http://nowhere", "sk") for name in ("cart", "trigger", "notifier")))
    monkeypatch.setattr(stack, "only_running", lambda *_: SimpleNamespace())
    monkeypatch.setattr(installation, "of_stack", lambda *_: asked)
    monkeypatch.setattr(module, "explain_customer", lambda *given: print(f"explained {given[-1]}"))


def run(*arguments: str) -> tuple[int, list[str], str]:
    result = CliRunner().invoke(app, ["customers", "show", *arguments])
    return result.exit_code, result.stdout.splitlines(), result.stderr


SHOWN = [
    "anna, also loyalty/7",
    "email a…@shop.example, phone …4711, name …, locale pl",
    "email: agreed 2026-11-02",
    "sms: not agreed",
]


@pytest.mark.parametrize("by", [["--customer", "anna"], ["--address", "anna@shop.example"], ["--order", "o-7"]])
def test_somebody_is_found_and_shown_without_their_address(by: list[str]) -> None:
    code, lines, err = run(*by)
    assert (code, lines[:4], err) == (0, SHOWN, "")
    assert lines[4].startswith("email is closed to the address since 2026-11-20: ")
    assert lines[4].endswith(" (ses, 5.1.1)")
    assert lines[5:] == ["explained anna"]


def test_another_name_leads_to_the_customer() -> None:
    assert run("--customer", "loyalty/7")[1][:2] == SHOWN[:2]


def test_addresses_are_shown_where_they_are_asked_for() -> None:
    assert run("--customer", "anna", "--reveal")[1][1] == (
        "email anna@shop.example, phone +48601234711, name Anna, locale pl"
    )


def test_somebody_without_a_profile_is_still_shown() -> None:
    del KNOWN[f"{BASE}/customers/anna/profile"]
    assert run("--customer", "anna")[1][1] == "no profile: nobody knows how to reach them"


def test_a_guest_s_order_and_an_unknown_one_are_told_in_a_line() -> None:
    assert run("--order", "o-8")[::2] == (1, "evercart: The order o-8 is a guest's: it names no customer.\n")
    assert run("--order", "o-9")[0] == 1
    assert run("--order", "o-9", "--customer", "anna")[0] == 2
    assert run()[0] == 2


def test_what_is_masked_tells_nobody_what_it_is() -> None:
    assert [masked(text) for text in ("anna@shop.example", "a@b", "+48601234711", "123456789", "12345678", "")] == [
        *("a…@shop.example", "a…@b", "…4711", "…6789", "…", "…")
    ]


def test_what_is_closed_to_the_customer_and_what_nobody_told_more_of() -> None:
    one = BOUNCED | {"subject": "customer:anna", "source": None, "status": None}
    (line,) = closed_in_words([one])
    assert line.startswith("email is closed to the customer since 2026-11-20: ")
    assert not line.endswith(")")
    assert list(profile_in_words({"locale": "", "email": None}, reveal=True)) == ["no address"]
