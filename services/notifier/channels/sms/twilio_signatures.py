"""Whether a call back is Twilio's: signed over its URL and its form, or over its URL that holds the body's hash."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import structlog

from services.notifier.channels.ports import Callback, ForgedCallbackError, UnreadableCallbackError

log = structlog.get_logger(__name__)

_ALGORITHM = re.compile(r"(?:^|,)\s*algorithm=([^,\s]+)\s*(?:,|$)")
_BODY_HASH = re.compile(r"[?&]bodySHA256=([0-9a-fA-F]{64})$")


def signature(
    url: str, form: Mapping[str, str] | Iterable[tuple[str, str]], secret: str, algorithm: str = "sha1"
) -> str:
    """X-Twilio-Signature: base64 of the HMAC over the URL and the sorted names and values (Twilio, Security). Of a
    name that is repeated each value counts once, in order.
    """
    pairs = set(form.items() if isinstance(form, Mapping) else form)
    signed = url + "".join(name + value for name, value in sorted(pairs))
    return base64.b64encode(hmac.digest(secret.encode(), signed.encode(), algorithm)).decode()


def genuine(callback: Callback, token: str, webhook_key: str | None = None) -> list[tuple[str, str]]:
    """The fields of a callback, once its signature is right. Raises `ForgedCallbackError`, `UnreadableCallbackError`.

    What is no form is signed by its hash at the end of the URL (`bodySHA256`), which is signed alone. Only there: it
    could come from a text that somebody wrote and that was moved from the body into the query.
    """
    given = callback.headers.get("x-twilio-signature", "").encode()
    key, algorithm = _signed_by(callback.headers, token, webhook_key)
    hashed = _BODY_HASH.search(callback.url)
    form = [] if hashed else parse_qsl(callback.body.decode("utf-8", "replace"), keep_blank_values=True)
    matches = [
        hmac.compare_digest(given, signature(url, form, key, algorithm).encode()) for url in _as_called(callback.url)
    ]
    if hashed:
        found = hashlib.sha256(callback.body).hexdigest()
        matches = [any(matches) and hmac.compare_digest(found, hashed[1].lower())]
    if not any(matches):
        raise ForgedCallbackError
    return _fields(callback.body) if hashed else form


def _signed_by(headers: Mapping[str, str], token: str, webhook_key: str | None) -> tuple[str, str]:
    """The secret and the algorithm that Twilio says it has signed by: the SharedKey's where a rule of the account wants
    it (twilio-node, WebhookSignatureValidation.md). Raises `ForgedCallbackError` for one that is not known here.
    """
    settings = headers.get("x-twilio-webhooks-signature-settings")
    if settings is None:
        return token, "sha1"
    found = _ALGORITHM.search(settings)
    if webhook_key is None or found is None or found[1] != "HMAC_SHA256":
        log.warning("twilio.signed_by_unknown", algorithm=found[1][:32] if found else None, key=webhook_key is not None)
        raise ForgedCallbackError
    return webhook_key, "sha256"


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnreadableCallbackError("The body is no JSON object.")
    return [(name, value) for name, value in found.items() if isinstance(value, str)]


def _as_called(url: str) -> tuple[str, str]:
    """The URL without a port and with one: a balancer in between may add or take it."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    bare = host if host.endswith("]") else host.rpartition(":")[0] or host
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return urlunsplit(parts._replace(netloc=bare)), urlunsplit(parts._replace(netloc=f"{bare}:{port}"))
