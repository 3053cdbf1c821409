"""Whether a call is Amazon SNS's and of our topic: RSA over the fields that its kind has, by Amazon's certificate.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import httpx
from cachetools import LRUCache
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from libs.http.trusted import Trusted
from services.notifier.channels.ports import ForgedCallbackError, UncheckedCallbackError
from services.notifier.channels.told import Told, decoded, fresh

OLD: Final = timedelta(hours=12)
"""It tries for six hours, with the time at which the message was published."""
NOTIFICATION, CONFIRMATION, END = "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"
_SIGNED: Final = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    END: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_HOST: Final = re.compile(r"sns\.[a-z]{2}(-[a-z0-9]+)+\.amazonaws\.com(\.cn)?")
_CERTIFICATE: Final = re.compile(r"/SimpleNotificationService-[0-9a-zA-Z]+\.pem")

_TRUSTED: Final = Trusted(trust_env=True)

Fetch = Callable[[str], Awaitable[bytes]]
"""Gets what lies at a URL of Amazon's. Raises `UncheckedCallbackError` where it can't be had at the moment."""


async def fetch(url: str) -> bytes:
    """Follows no redirect, and reads no more than a certificate has. Raises `UncheckedCallbackError`."""
    trusts = await _TRUSTED.context()
    try:
        async with httpx.AsyncClient(timeout=5, follow_redirects=False, trust_env=True, verify=trusts) as client:
            answer = await client.get(url)
    except httpx.HTTPError as error:
        raise UncheckedCallbackError(type(error).__name__) from None
    if answer.status_code != httpx.codes.OK:
        raise UncheckedCallbackError(f"status {answer.status_code}")
    return answer.content


def of_amazon(url: str) -> bool:
    """Whether a URL is one of Amazon SNS: https, its own host, no port, no user."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and _HOST.fullmatch(parts.netloc) is not None


class Signatures:
    """Of one topic. Certificates are fetched once."""

    def __init__(self, topic: str, get: Fetch) -> None:
        self._topic, self._get = topic, get
        self._keys: LRUCache[str, RSAPublicKey] = LRUCache(8)

    async def check(self, told: Told, now: datetime) -> None:
        """Raises `ForgedCallbackError`, and `UncheckedCallbackError` where the certificate can't be had."""
        names, version = _SIGNED.get(told.text("Type")), told.long("SignatureVersion")
        if names is None or told.text("TopicArn") != self._topic or version not in ("1", "2"):
            raise ForgedCallbackError
        signed = "".join(f"{name}\n{told.long(name)}\n" for name in names if name != "Subject" or told.long(name))
        signature, key = decoded(told.text("Signature")), await self._key(told.text("SigningCertURL"), now)
        algorithm = SHA1() if version == "1" else SHA256()  # noqa: S303 - what Amazon signs by where nobody chose
        try:
            key.verify(signature, signed.encode("utf-8", "surrogatepass"), PKCS1v15(), algorithm)
        except InvalidSignature:
            raise ForgedCallbackError from None
        fresh(told.text("Timestamp"), now, OLD)

    async def _key(self, url: str, now: datetime) -> RSAPublicKey:
        if url not in self._keys:
            if not of_amazon(url) or not _CERTIFICATE.fullmatch(urlsplit(url).path) or urlsplit(url).query:
                raise ForgedCallbackError
            self._keys[url] = _key_of(await self._get(url), now)
        return self._keys[url]


def _key_of(pem: bytes, now: datetime) -> RSAPublicKey:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise UncheckedCallbackError("no certificate") from None
    key = certificate.public_key()
    if (
        not isinstance(key, RSAPublicKey)
        or not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    ):
        raise ForgedCallbackError
    return key
