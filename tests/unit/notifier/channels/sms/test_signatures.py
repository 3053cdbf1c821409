"""Callbacks are signed as Twilio signs them, by the vectors of its own library's tests.

Story: the store's address stood behind a balancer that added a port, and every STOP was refused as forged.
"""

from urllib.parse import urlencode

import pytest
from pydantic import SecretStr

from services.notifier.channels.ports import Callback, ForgedCallbackError, UnreadableCallbackError
from services.notifier.channels.sms.twilio import TwilioReplies, TwilioSettings
from services.notifier.channels.sms.twilio_signatures import genuine, signature

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
BODY = b"CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309"
JSON = b'{"property": "value", "boolean": true}'
HASHED = URL + "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
OF_HASHED = "a9nBmqA0ju/hNViExpshrM61xv4="


def called(url: str, signed: str, body: bytes = BODY) -> list[tuple[str, str]]:
    return genuine(Callback(url, {"x-twilio-signature": signed}, body), TOKEN)


def replies(**more) -> TwilioReplies:
    return TwilioReplies(TwilioSettings(account_sid="AC1", auth_token=SecretStr(TOKEN), **more))


def test_the_published_vectors():
    assert signature(URL, FORM, TOKEN) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    repeated = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234")]
    assert signature(URL, repeated, TOKEN) == "IK+Dwps556ElfBT0I3Rgjkr1wJU="
    assert signature(URL, [*repeated, ("Digits", "5678")], TOKEN) == "IK+Dwps556ElfBT0I3Rgjkr1wJU="


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        (URL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (URL.replace(".com", ".com:1234"), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (URL.replace(".com", ".com:1234").replace("https", "http"), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (URL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (URL.replace("https", "http"), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ],
)
def test_a_port_that_was_added_or_taken_on_the_way_makes_no_forgery(url: str, signed: str):
    assert dict(called(url, signed)) == FORM
    with pytest.raises(ForgedCallbackError):
        called(url.replace("foo=1", "foo=2"), signed)


def test_a_json_body_is_signed_by_its_hash():
    assert called(HASHED, OF_HASHED, JSON) == [("property", "value")]
    for body in (JSON + b" ", b""):
        with pytest.raises(ForgedCallbackError):
            called(HASHED, OF_HASHED, body)
    with pytest.raises(ForgedCallbackError):
        called(HASHED, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", JSON)


def test_a_hash_that_is_not_at_the_end_of_the_url_is_none():
    """Story: a customer's text held `&bodySHA256=…&`; moved into the query, it vouched for a body of their own."""
    text = f"x&bodySHA256={HASHED.rpartition('=')[2]}&"
    form = {"Body": text, "From": "+14158675309", "MessageSid": "SM" + "1" * 32}
    signed = signature(URL, form, TOKEN)
    moved = f"{URL}Body{text}From+14158675309MessageSid{form['MessageSid']}"
    assert signature(moved, (), TOKEN) == signed
    with pytest.raises(ForgedCallbackError):
        replies().read(Callback(moved, {"x-twilio-signature": signed}, JSON))
    twice = HASHED.replace("&bodySHA256", "&bodySHA256=0&bodySHA256")
    assert called(twice, signature(twice, (), TOKEN), JSON) == [("property", "value")]


def test_a_shared_key_signs_by_sha_256_where_the_account_says_so():
    message = {"Body": "STOP", "From": "+14158675309", "MessageSid": "SM" + "1" * 32, "To": "+18005551212"}
    body, shared = urlencode(message).encode(), replies(webhook_key=SecretStr("shared"))

    def headers(settings: str | None, secret: str, algorithm: str) -> dict[str, str]:
        said = {} if settings is None else {"x-twilio-webhooks-signature-settings": settings}
        return said | {"x-twilio-signature": signature(URL, message, secret, algorithm)}

    for settings in ("key=,algorithm=HMAC_SHA256", "algorithm=HMAC_SHA256, key=KY1"):
        read = shared.read(Callback(URL, headers(settings, "shared", "sha256"), body))
        assert (read.reply_id, read.text) == (message["MessageSid"], "STOP")
    assert shared.read(Callback(URL, headers(None, TOKEN, "sha1"), body)).text == "STOP"
    wrong = [
        ("algorithm=HMAC_SHA256", TOKEN, "sha256"),
        ("algorithm=HMAC_SHA256", "shared", "sha1"),
        ("algorithm=HMAC_SHA1", "shared", "sha1"),
        ("algorithm=HMAC_SHA1", TOKEN, "sha1"),
        ("xalgorithm=HMAC_SHA256", "shared", "sha256"),
        ("", TOKEN, "sha1"),
        (None, "shared", "sha256"),
    ]
    for said, secret, algorithm in wrong:
        with pytest.raises(ForgedCallbackError):
            shared.read(Callback(URL, headers(said, secret, algorithm), body))
    with pytest.raises(ForgedCallbackError):
        replies().read(Callback(URL, headers("algorithm=HMAC_SHA256", "shared", "sha256"), body))


@pytest.mark.parametrize("sid", ["", "SM1", "SM" + "1" * 31, "SM" + "1" * 33, "sm" + "1" * 32, "SM" + "g" * 32])
def test_a_message_has_an_id_of_twilio(sid: str):
    form = {"Body": "STOP", "From": "+14158675309", "MessageSid": sid}
    signed = {"x-twilio-signature": signature(URL, form, TOKEN)}
    with pytest.raises(UnreadableCallbackError):
        replies().read(Callback(URL, signed, urlencode(form).encode()))


def test_what_is_signed_and_no_message_is_unreadable():
    with pytest.raises(UnreadableCallbackError):
        replies().read(Callback(HASHED, {"x-twilio-signature": OF_HASHED}, JSON))
