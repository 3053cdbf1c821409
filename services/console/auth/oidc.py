"""Log-in at an identity provider by OpenID Connect: Authlib speaks OAuth, joserfc reads the ID token."""

from dataclasses import dataclass
from typing import Any

import httpx
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from libs.http.trusted import Trusted
from services.console.domain.sessions import new_token

ALGORITHMS = ["RS256", "ES256", "PS256"]
TIMEOUT_S, LEEWAY_S = 5.0, 60


class ProviderError(Exception):
    """The provider can't be asked, or what it says can't be believed; the text is for the log."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send somebody who logs in at the provider, and what has to come back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who came back: an address that the provider vouches for, and a name to show."""

    email: str
    name: str


class OidcClient:
    """The console as a client of one provider, which says where it is at `/.well-known/openid-configuration`."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect_uri: str) -> None:
        self._issuer, self._client_id, self._redirect_uri = issuer.rstrip("/"), client_id, redirect_uri
        self._secret = client_secret
        self._described: dict[str, Any] | None = None
        self._trusted = Trusted()

    async def depart(self) -> Departure:
        """Begins a log-in. Raises `ProviderError`."""
        described = await self._description()
        state, nonce, verifier = new_token(), new_token(), new_token() + new_token()
        async with await self._client() as client:
            url, _ = client.create_authorization_url(
                described["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return Departure(url, state, nonce, verifier)

    async def arrive(self, code: str, nonce: str, verifier: str) -> Arrival:
        """Who it is that a code stands for. Raises `ProviderError`."""
        described = await self._description()
        try:
            async with await self._client() as client:
                told = await client.fetch_token(
                    described["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier
                )
            return self._read(told["id_token"], await self._json(described["jwks_uri"]), nonce)
        except (OAuthError, httpx.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderError(f"{type(error).__name__} at the log-in") from error

    def _read(self, id_token: str, keys: Any, nonce: str) -> Arrival:  # noqa: ANN401 - JSON
        claims = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
        if claims.get("email_verified") is not True:
            raise ProviderError("the provider does not vouch for the e-mail address")
        return Arrival(str(claims["email"]), str(claims.get("name") or claims["email"]))

    async def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._client_id,
            self._secret,
            scope="openid email profile",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
            verify=await self._trusted.context(),
        )

    async def _description(self) -> dict[str, Any]:
        if self._described is None:
            try:
                told = await self._json(f"{self._issuer}/.well-known/openid-configuration")
                if str(told["issuer"]).rstrip("/") != self._issuer:
                    raise ProviderError("the provider calls itself otherwise")
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                raise ProviderError(f"{type(error).__name__} at the provider's description") from error
            self._described = told
        return self._described

    async def _json(self, url: str) -> Any:  # noqa: ANN401 - JSON
        trusts = await self._trusted.context()
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, verify=trusts) as client:
            return (await client.get(url)).raise_for_status().json()
