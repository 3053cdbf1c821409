"""Refusals for want of credentials, and what an Authorization header holds (RFC 6750)."""

from libs.http.problems import Problem
from services.cart.domain.api_keys import Scope

MAX_CREDENTIAL = 8192
CHALLENGE = 'Bearer realm="evercart"'


def bearer(authorization: str) -> str:
    """The credential of an Authorization header. Raises `Problem` 401 for another scheme, or one that is too long."""
    scheme, _, credential = authorization.partition(" ")
    if scheme.lower() != "bearer" or not credential or len(credential) > MAX_CREDENTIAL:
        raise unauthorized("Authorization must be a Bearer token.", "invalid_request")
    return credential.strip()


def unauthorized(detail: str, error: str | None = None) -> Problem:
    """A 401 with the challenge of RFC 6750."""
    challenge = CHALLENGE if error is None else f'{CHALLENGE}, error="{error}"'
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": challenge})


def insufficient_scope(scope: Scope) -> Problem:
    """A 403 that names the scope which the key lacks, with the challenge of RFC 6750, 3.1."""
    challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{scope}"'
    detail = "This key was not made for that."
    return Problem(403, "insufficient-scope", detail, headers={"WWW-Authenticate": challenge}, scope=scope)


def forbidden(detail: str) -> Problem:
    """A 403: genuine credentials, of another kind of caller."""
    return Problem(403, "forbidden", detail)


def publishable_key_required() -> Problem:
    """A 401 for a shopper's call to a store whose storefronts have keys."""
    detail = "Send the storefront's key as X-Publishable-Key."
    return Problem(401, "publishable-key-required", detail, headers={"WWW-Authenticate": CHALLENGE})


def origin_not_allowed() -> Problem:
    """A 403 for a call out of a page that is none of the store's."""
    return Problem(403, "origin-not-allowed", "Pages of this origin may not call here.")


def provider_unavailable() -> Problem:
    """A 503 for a token whose key the identity provider could not be asked for."""
    detail = "The keys of the store's identity provider can't be had just now. Try again."
    return Problem(503, "identity-provider-unavailable", detail, headers={"Retry-After": "1"})
