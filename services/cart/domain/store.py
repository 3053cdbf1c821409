"""One store: what its shop says of it. Pure; it comes from a file, the environment or the API."""

from datetime import timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import jwt
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from libs.contracts.names import STORE_ID
from services.cart.domain.currency import Currency
from services.cart.domain.customers.opt_in import GuestContacts
from services.cart.domain.customers.profile import Locale, Zone
from services.cart.domain.limits import MAX_BYTES, MAX_LINES, MAX_QUANTITY, WIDEST_BYTES, Limits, Pricing
from services.cart.domain.merge.receipt import Mode
from services.cart.domain.rate import Rates
from services.cart.domain.retention import Lifetime, Spans
from services.cart.domain.stock.thresholds import Thresholds
from services.cart.domain.store_messages import StoreMessages

HMAC_KEY_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}
"""RFC 7518, 3.2: a key as long as the hash."""


def _begins_with_sk(key: SecretStr) -> SecretStr:
    if not key.get_secret_value().startswith("sk_"):
        raise ValueError("a secret key begins with sk_")
    return key


Algorithm = Literal["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "PS256", "EdDSA"]
StoreId = Annotated[str, StringConstraints(pattern=STORE_ID)]
SecretKey = Annotated[SecretStr, Field(min_length=24), AfterValidator(_begins_with_sk)]
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", max_length=253)]
Origin = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+$")]


class Expiry(BaseModel):
    """Days after which carts that nobody changes are closed, and days for which closed ones are kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    customer_days: float = Field(default=90, gt=0)
    guest_days: float = Field(default=30, gt=0)
    empty_days: float = Field(default=1, gt=0)
    closed_days: float = Field(default=400, gt=0)

    def lifetime(self) -> Lifetime:
        """The same as spans of time."""
        days = (self.customer_days, self.guest_days, self.empty_days, self.closed_days)
        return Lifetime(*(timedelta(days=number) for number in days))


class Retention(BaseModel):
    """Days for which a store keeps what is over: orders, the audit, the receipts of erasures."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    orders_days: float = Field(default=400, ge=30)
    audit_days: float = Field(default=730, ge=30)
    erasures_days: float = Field(default=1095, ge=30)

    def spans(self) -> Spans:
        """The same as spans of time."""
        days = (self.orders_days, self.audit_days, self.erasures_days)
        return Spans(*(timedelta(days=number) for number in days))


class CartLimits(BaseModel):
    """How much one cart may hold: different lines, units of each, and bytes of all that is said of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lines: int = Field(default=MAX_LINES, ge=1, le=MAX_LINES)
    quantity: int = Field(default=MAX_QUANTITY, ge=1, le=MAX_QUANTITY)
    bytes: int = Field(default=MAX_BYTES, ge=16 * 1024, le=WIDEST_BYTES)


class Store(BaseModel):
    """One store: how its customers prove who they are, which keys its servers hold, where recovery links lead.

    `jwt_key` is the shared secret (HS…) or the public key in PEM; or else `jwks_url` is where the identity provider
    publishes its keys, and `jwt_issuer` its name. `cookie` lets browsers keep guests' tokens: in a cookie for pages of
    the API's own site, or of any site that is among the origins. `recovery_url` holds `{token}`; so does
    `share_url`, the page of shared carts, if there is one. `origins` are the web origins whose pages may call the API
    from a browser. `hosts` are others of its own, of pictures for instance: what leads elsewhere is left out of copied
    carts and of messages. `currencies` are those in which it sells besides `currency`; in any where it names none. In
    `time_zone` the shop's day begins and ends, for whoever counts in days. Without `messages` it sends none. With
    `prices: told` a line costs what the store's servers have told of it, whatever a page says; else pages are trusted.
    With `guest_contacts` guests may leave an address: what they agree to for e-mail counts at once (`single_opt_in`),
    or once the address has said yes (`double_opt_in`, and in Germany always); texts always wait for that.
    With `views: kept` it may be told what customers look at, which is kept for 30 days; else nothing of that is taken.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    currency: Currency
    currencies: tuple[Currency, ...] = ()
    locale: Locale = "en"
    time_zone: Zone = "UTC"
    jwt_key: SecretStr | None = None
    jwks_url: str | None = Field(default=None, pattern=r"^https?://[^/\s?#@]+[^\s@]*$", max_length=2000)
    jwt_algorithm: Algorithm = "HS256"
    jwt_issuer: str | None = None
    jwt_audience: str | None = None
    secret_keys: tuple[SecretKey, ...] = ()
    merge: Mode = "max"
    prices: Pricing = "trusted"
    recovery_url: str = Field(pattern=r"^https?://.*\{token\}")
    share_url: str | None = Field(default=None, pattern=r"^https?://.*\{token\}")
    origins: tuple[Origin, ...] = ()
    hosts: tuple[Host, ...] = Field(default=(), max_length=50)
    cookie: Literal["off", "same-site", "cross-site"] = "off"
    expiry: Expiry = Expiry()
    retention: Retention = Retention()
    thresholds: Thresholds = Thresholds()
    reservation_minutes: int = Field(default=0, ge=0, le=24 * 60)
    rates: Rates = Rates()
    limits: CartLimits = CartLimits()
    messages: StoreMessages | None = None
    guest_contacts: GuestContacts = "off"
    views: Literal["off", "kept"] = "off"

    def allowed(self) -> Limits:
        """What a cart of this store may hold."""
        currencies = frozenset({self.currency, *self.currencies}) if self.currencies else None
        bounds = (self.limits.lines, self.limits.quantity, currencies, self.limits.bytes)
        return Limits(*bounds, self.own_hosts(), self.prices)

    def own_hosts(self) -> frozenset[str]:
        """The hosts that its settings name; what is below one of them is its own, too."""
        urls = (self.recovery_url, self.share_url or "", *self.origins, *(f"https://{host}" for host in self.hosts))
        return frozenset(host for url in urls if (host := urlsplit(url).hostname))

    @property
    def shop_url(self) -> str:
        """The front page of the site to which recovery links lead."""
        site = urlsplit(self.recovery_url)
        return f"{site.scheme}://{site.netloc}/"

    @model_validator(mode="after")
    def _log_ins_can_be_checked(self) -> Self:
        if (self.jwt_key is None) == (self.jwks_url is None):
            raise ValueError("a store has either jwt_key or jwks_url")
        if self.jwt_key is not None:
            _check_key(self.jwt_key.get_secret_value(), self.jwt_algorithm)
        elif self.jwt_algorithm in HMAC_KEY_BYTES:
            raise ValueError(f"jwks_url publishes no keys for {self.jwt_algorithm}")
        elif self.jwt_issuer is None:
            raise ValueError("jwks_url needs jwt_issuer: a provider may sign for others with the same keys")
        return self


def _check_key(key: str, algorithm: Algorithm) -> None:
    if algorithm in HMAC_KEY_BYTES and len(key.encode()) < HMAC_KEY_BYTES[algorithm]:
        raise ValueError(f"jwt_key is too short for {algorithm}")
    try:
        jwt.get_algorithm_by_name(algorithm).prepare_key(key)
    except (NotImplementedError, jwt.InvalidKeyError, ValueError):
        raise ValueError(f"jwt_key is no key for {algorithm}") from None


SECRETS = ("jwt_key", "secret_keys")
"""What of a store is told nobody (a test holds that these are all the fields of that kind)."""
TRUST = (
    *SECRETS,
    "jwks_url",
    "jwt_algorithm",
    "jwt_issuer",
    "jwt_audience",
    "recovery_url",
    "share_url",
    "origins",
    "hosts",
    "prices",
    "cookie",
)
"""What of a store says who is believed, and where people and their links are led to."""


def changes_trust(before: Store | None, after: Store) -> bool:
    """Whether other log-ins, servers, pages or links would be believed from now on than before."""
    return before is None or any(getattr(before, name) != getattr(after, name) for name in TRUST)
