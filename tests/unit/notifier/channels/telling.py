"""How providers sign what they tell, for the tests of whoever reads it."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from services.notifier.channels.ports import (
    Callback,
    CallbackReader,
    ForgedCallbackError,
    UnreadableCallbackError,
)
from services.notifier.domain.answers import Answer

NOW = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)
REMINDER = UUID("5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee")


def reads(reader: CallbackReader, headers: dict[str, str], body: bytes, now: datetime = NOW) -> Sequence[Answer]:
    callback = Callback("https://n.nordwind.example/x/events", headers, body)
    told = asyncio.run(reader.read(callback, now))
    return [one for one in told if isinstance(one, Answer)]


def refuses(reader: CallbackReader, headers: dict[str, str], body: bytes, now: datetime = NOW) -> None:
    with pytest.raises(ForgedCallbackError):
        reads(reader, headers, body, now)


def cannot_read(reader: CallbackReader, headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(UnreadableCallbackError):
        reads(reader, headers, body)


def seconds(at: datetime = NOW) -> str:
    return str(int(at.timestamp()))


# SendGrid


def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def shown(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    """The public key as SendGrid shows it."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def by_sendgrid(key: ec.EllipticCurvePrivateKey, body: bytes, at: str) -> dict[str, str]:
    signature = key.sign(at.encode() + body, ec.ECDSA(SHA256()))
    return {
        "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
        "x-twilio-email-event-webhook-timestamp": at,
    }


# Resend


def by_resend(secret: str, body: bytes, at: str, name: str = "msg_1") -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = base64.b64encode(hmac.digest(key, f"{name}.{at}.".encode() + body, "sha256")).decode()
    return {"svix-id": name, "svix-timestamp": at, "svix-signature": f"v1,{mac}"}


# Mailgun


def by_mailgun(key: str, event: dict[str, Any], at: str, token: str = "t" * 50) -> bytes:
    mac = hmac.digest(key.encode(), (at + token).encode(), "sha256").hex()
    return json.dumps({"signature": {"timestamp": at, "token": token, "signature": mac}, "event-data": event}).encode()


# Vonage


def by_vonage(secret: str, body: bytes, at: datetime = NOW, algorithm: str = "HS256", **more: Any) -> dict[str, str]:
    claims = {"iat": int(at.timestamp()), "payload_hash": hashlib.sha256(body).hexdigest(), "jti": "1"} | more
    token = jwt.encode({name: value for name, value in claims.items() if value is not None}, secret, algorithm)
    return {"authorization": f"Bearer {token}"}


# Meta


def by_meta(secret: str, body: bytes) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()}


def of_whatsapp(**value: Any) -> bytes:
    """A call of Meta's about one number."""
    said = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "106540352242922"}, **value}
    changes = [{"field": "messages", "value": said}]
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}).encode()


# Amazon


def certified(key: rsa.RSAPrivateKey, start: datetime, end: datetime) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, start, end)
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM)


def by_sns(key: rsa.RSAPrivateKey, said: dict[str, str]) -> bytes:
    """A body of SNS, signed over the fields that Amazon's page names."""
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    signed = "".join(f"{name}\n{said[name]}\n" for name in names if said.get(name))
    algorithm = SHA1() if said["SignatureVersion"] == "1" else SHA256()
    signature = base64.b64encode(key.sign(signed.encode(), PKCS1v15(), algorithm)).decode()
    return json.dumps(said | {"Signature": signature}).encode()
