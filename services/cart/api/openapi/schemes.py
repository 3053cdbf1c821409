"""How callers prove who they are, for the OpenAPI document; the credentials themselves are for `auth` to read."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import APIKeyCookie, APIKeyHeader, HTTPBearer

_CUSTOMER = HTTPBearer(scheme_name="customer", bearerFormat="JWT", description="A customer's token.", auto_error=False)
_GUEST = APIKeyHeader(name="X-Cart-Token", scheme_name="guest", description="A guest's cart token.", auto_error=False)
_COOKIE = APIKeyCookie(
    name="__Host-evercart-{store_id}",
    scheme_name="cookie",
    description="A guest's cart token, where the store has cookies on; changes take a page's Origin.",
    auto_error=False,
)
_STOREFRONT = APIKeyHeader(
    name="X-Publishable-Key",
    scheme_name="storefront",
    description="The storefront's key, beside the shopper's credentials, where the store has such keys.",
    auto_error=False,
)
_SERVER = HTTPBearer(scheme_name="server", description="A secret key with the scope.", auto_error=False)

CustomerToken = Annotated[object, Depends(_CUSTOMER)]
GuestToken = Annotated[object, Depends(_GUEST)]
GuestCookie = Annotated[object, Depends(_COOKIE)]
StorefrontKey = Annotated[object, Depends(_STOREFRONT)]
SecretKey = Annotated[object, Depends(_SERVER)]

BESIDE = _STOREFRONT.scheme_name
"""The scheme that goes beside any other instead of for it."""
