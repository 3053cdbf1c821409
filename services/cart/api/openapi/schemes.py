"""How callers prove who they are, for the OpenAPI document alone: `auth` reads the credentials, and no call runs these.

As dependencies they would be solved at each call, several of them beside the one that proves who calls.
"""

from fastapi.security import APIKeyHeader, HTTPBearer

CUSTOMER = HTTPBearer(scheme_name="customer", bearerFormat="JWT", description="A customer's token.", auto_error=False)
GUEST = APIKeyHeader(
    name="X-Cart-Token",
    scheme_name="guest",
    description="A guest's cart token. Where the store has cookies on, browsers send it from its pages by themselves, "
    "as the cookie `__Host-evercart-<store_id>`, and the header may be left out.",
    auto_error=False,
)
STOREFRONT_KEY = APIKeyHeader(
    name="X-Publishable-Key",
    scheme_name="storefront",
    description="The storefront's key, beside the shopper's credentials, where the store has such keys.",
    auto_error=False,
)
SECRET_KEY = HTTPBearer(scheme_name="server", description="A secret key with the scope.", auto_error=False)

BESIDE = STOREFRONT_KEY.scheme_name
"""The scheme that goes beside any other instead of for it."""
