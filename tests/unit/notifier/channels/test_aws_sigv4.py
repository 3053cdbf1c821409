"""Amazon's signatures, by the vectors of its test suite (aws-sig-v4-test-suite) and of its page on signing."""

from datetime import UTC, datetime

import httpx
import pytest

from services.notifier.channels.aws_sigv4 import Credentials, SigV4

KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
FORM = {"content-type": "application/x-www-form-urlencoded"}
ANY = "https://example.amazonaws.com/"


def signed(request: httpx.Request, service: str = "service", token: str | None = None) -> httpx.Request:
    signing = SigV4(
        Credentials("AKIDEXAMPLE", KEY, token), "us-east-1", service, lambda: datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
    )
    return next(signing.auth_flow(request))


@pytest.mark.parametrize(
    ("request_", "service", "names", "signature"),
    [
        (  # get-vanilla
            httpx.Request("GET", ANY),
            "service",
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (  # post-vanilla
            httpx.Request("POST", ANY),
            "service",
            "host;x-amz-date",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (  # get-vanilla-query-order-key-case
            httpx.Request("GET", f"{ANY}?Param2=value2&Param1=value1"),
            "service",
            "host;x-amz-date",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (  # post-x-www-form-urlencoded
            httpx.Request("POST", ANY, headers=FORM, content=b"Param1=value1"),
            "service",
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
        (  # the page on signing, ListUsers
            httpx.Request(
                "GET",
                "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
                headers={"content-type": f"{FORM['content-type']}; charset=utf-8"},
            ),
            "iam",
            "content-type;host;x-amz-date",
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        ),
    ],
)
def test_a_request_is_signed_as_amazon_signs_it(request_, service, names, signature):
    assert signed(request_, service).headers["Authorization"] == (
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, "
        f"SignedHeaders={names}, Signature={signature}"
    )


def test_a_token_is_sent_and_signed_with_the_rest():
    with_token = signed(httpx.Request("GET", ANY), token="T0K")
    assert with_token.headers["X-Amz-Security-Token"] == "T0K"
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token," in with_token.headers["Authorization"]
    assert "x-amz-security-token" not in signed(httpx.Request("GET", ANY)).headers


def test_a_key_is_shown_without_its_secret():
    shown = repr(Credentials("AKIDEXAMPLE", KEY, "T0K"))
    assert KEY not in shown
    assert "T0K" not in shown
