"""A key that opens what a service shows to the store's own servers."""

import hmac

from pydantic import SecretStr
from starlette.requests import Request

from libs.http.problems import Problem

CHALLENGE = {"WWW-Authenticate": "Bearer"}


def require_key(request: Request, key: SecretStr | None) -> None:
    """Raises `Problem` 401 unless the request bears the store's key; None: no store, or none that may ask."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    expected = key.get_secret_value() if key else ""
    genuine = hmac.compare_digest(given.strip().encode(), expected.encode())
    if not expected or scheme.lower() != "bearer" or not genuine:
        raise Problem(401, "unauthorized", "A secret key of this store is needed.", headers=CHALLENGE)
