"""A key that opens what a service shows to the store's own servers."""

import hmac
from collections.abc import Mapping

from pydantic import SecretStr
from starlette.requests import Request

from libs.http.problems import Problem
from libs.http.refused_log_ins import note_refused

CHALLENGE = {"WWW-Authenticate": "Bearer"}
EVERY_STORE = "*"


def require_store_key(request: Request, keys: Mapping[str, SecretStr], store_id: str) -> None:
    """Raises `Problem` 401 unless the request bears the key of the store, or the one of every store (`*`).

    `keys` maps store ids to keys; where neither is set nobody may ask.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    wanted = [keys[name].get_secret_value() for name in (store_id, EVERY_STORE) if name in keys]
    # both are compared, each in constant time, so that the time tells nothing
    genuine = [hmac.compare_digest(given.strip().encode(), key.encode()) for key in wanted if key]
    if scheme.lower() != "bearer" or not any(genuine):
        note_refused("servers", store_id if store_id in keys else "", "unauthorized")
        raise Problem(401, "unauthorized", "A secret key of this store is needed.", headers=CHALLENGE)
