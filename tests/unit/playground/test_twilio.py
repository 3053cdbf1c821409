import base64

import pytest

from deploy.playground import twilio
from deploy.playground.twilio import RefusalError

RIGHT = "Basic " + base64.b64encode(b"AC1:secret").decode()
FORM = {"To": "+12015550123", "From": "+12015550100", "Body": "hello"}


def test_the_account_and_its_token_are_let_in():
    twilio.authenticate(RIGHT, "AC1", "AC1", "secret")


@pytest.mark.parametrize(
    ("header", "path_sid"),
    [
        (None, "AC1"),
        ("", "AC1"),
        ("Basic !!!", "AC1"),
        ("Bearer " + RIGHT.partition(" ")[2], "AC1"),
        ("Basic " + base64.b64encode(b"AC1:wrong").decode(), "AC1"),
        (RIGHT, "AC2"),
    ],
)
def test_anybody_else_is_answered_20003(header, path_sid):
    with pytest.raises(RefusalError) as caught:
        twilio.authenticate(header, path_sid, "AC1", "secret")
    assert caught.value.status == 401
    assert caught.value.body == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "12015550123"}, 21211),
        ({"To": "+0201555"}, 21211),
        ({"To": "<script>"}, 21211),
        ({"From": ""}, 21603),
        ({"From": "a name longer than eleven"}, 21212),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
    ],
)
def test_a_wrong_field_has_its_own_code(change, code):
    with pytest.raises(RefusalError) as caught:
        twilio.check(FORM | change)
    assert (caught.value.body["code"], caught.value.status) == (code, 400)


@pytest.mark.parametrize("sender", ["+12015550100", "12345", "Lantern", "MG" + "0" * 32])
def test_numbers_short_codes_names_and_services_may_send(sender):
    assert twilio.check(FORM | {"From": sender}) == ("+12015550123", sender, "hello")


def test_a_signature_is_the_one_of_twilios_documentation():
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert twilio.sign(url, form, "12345") == "L/OH5YylLD5NRKLltdqwSvS0BnU="


@pytest.mark.parametrize(
    ("body", "meaning"),
    [("STOP", "stop"), (" stop\n", "stop"), ("Unsubscribe", "stop"), ("START", "start"), ("please stop it", None)],
)
def test_a_keyword_counts_only_as_the_whole_text(body, meaning):
    assert twilio.keyword(body) == meaning
