"""What a DKIM key is worth, by keys as they are met."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.notifier.domain.senders.dkim import judged, place

NAME = place("s1", "nordwind.shop")


def key(bits: int) -> str:
    """A public key of so many bits; nobody has the other half."""
    return _text(RSAPublicNumbers(65537, (1 << bits) - 1).public_key())


def _text(public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


CURVE = _text(ec.generate_private_key(ec.SECP256R1()).public_key())
ED25519 = base64.b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize(
    ("record", "code", "value"),
    [
        (f"v=DKIM1; k=rsa; p={key(2048)}", "dkim_good", ""),
        (f"p={key(2048)}", "dkim_good", ""),
        (f"k=rsa; t=s; p={key(4096)[:80]} {key(4096)[80:]}", "dkim_good", ""),
        (f"v=DKIM1; k=ed25519; p={ED25519}", "dkim_good", ""),
        (f"v=DKIM1; t=y; p={key(2048)}", "dkim_testing", ""),
        (f"v=DKIM1; t=s : y; p={key(2048)}", "dkim_testing", ""),
        (f"v=DKIM1; p={key(2047)}", "dkim_weak", "2047"),
        (f"v=DKIM1; p={key(1024)}", "dkim_weak", "1024"),
        (f"v=DKIM1; p={key(1023)}", "dkim_short", "1023"),
        ("v=DKIM1; p=", "dkim_revoked", ""),
        (f"v=DKIM2; p={key(2048)}", "dkim_broken", ""),
        ("v=DKIM1; p=MIIB!!!", "dkim_broken", ""),
        (f"v=DKIM1; p={key(2048)[:80]}!{key(2048)[80:]}", "dkim_broken", ""),
        (f"v=DKIM1; p={base64.b64encode(b'no key').decode()}", "dkim_broken", ""),
        (f"v=DKIM1; p={CURVE}", "dkim_broken", ""),
        (f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes(31)).decode()}", "dkim_broken", ""),
        (f"v=DKIM1; k=new; p={key(2048)}", "dkim_broken", ""),
    ],
)
def test_a_key_is_told_by_its_record(record: str, code: str, value: str):
    found = judged(NAME, (record,))
    assert (found.what, found.name, found.code, found.value) == ("dkim", NAME, code, value)
    assert found.record == record


def test_without_a_record_there_is_no_key():
    assert NAME == "s1._domainkey.nordwind.shop"
    assert judged(NAME, ()).code == "dkim_missing"
    found = judged(NAME, ("v=spf1 -all " + "x" * 300,))
    assert (found.code, found.record) == ("dkim_broken", ("v=spf1 -all " + "x" * 300)[:200])


def test_of_several_texts_that_are_no_keys_the_first_is_shown():
    assert judged(NAME, ("one", "two")).record == "one"


def test_of_two_keys_at_a_name_none_counts():
    assert judged(NAME, (f"p={key(2048)}", f"p={key(2048)}")).code == "dkim_broken"
    assert judged(NAME, ("unrelated", f"p={key(2048)}")).code == "dkim_good"


def test_what_nobody_could_say_is_not_known():
    assert (judged(NAME, None).code, judged(NAME, None).state) == ("dkim_unknown", "unknown")
