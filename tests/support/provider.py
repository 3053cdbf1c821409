"""An identity provider as stores have one: it publishes keys over HTTP, rotates them, and is down at times."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://id.shop.test"
SECOND_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class IdentityProvider:
    """Serves a JWK set on 127.0.0.1. `asked` counts; `answering` clear: whoever asks waits."""

    def __init__(self) -> None:
        self.keys: dict[str, ec.EllipticCurvePrivateKey] = {}
        self.extra: list[dict[str, Any]] = []
        self.asked, self.status, self.body = 0, 200, None
        self.answering = threading.Event()
        self.answering.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/keys"

    def rotate(self, *key_ids: str) -> None:
        """From now on keys of these ids are published; known ones stay the same."""
        self.keys = {key_id: self.keys.get(key_id) or ec.generate_private_key(ec.SECP256R1()) for key_id in key_ids}

    def token(self, key_id: str | None, customer_id: str = "anna", key: Any = None, **claims: Any) -> str:
        """A log-in; `kid` of the header and the key may be at odds."""
        private = key or self.keys[key_id or next(iter(self.keys))]
        body = {"sub": customer_id, "iss": ISSUER, "exp": int(time.time()) + 600} | claims
        return jwt.encode(body, private, "ES256", headers={} if key_id is None else {"kid": key_id})

    def document(self) -> dict[str, Any]:
        """The JWK set."""
        return {"keys": [public(key) | {"kid": key_id} for key_id, key in self.keys.items()] + self.extra}

    def stop(self) -> None:
        """Is down from now on."""
        self.answering.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked += 1
                provider.answering.wait(20)
                body = provider.body if provider.body is not None else json.dumps(provider.document()).encode()
                self.send_response(provider.status)
                if provider.status == 302:
                    self.send_header("Location", provider.url)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        return Handler


def public(key: Any) -> dict[str, Any]:
    """A public key as a JWK."""
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    found: dict[str, Any] = algorithm.to_jwk(key.public_key(), as_dict=True)
    return found
