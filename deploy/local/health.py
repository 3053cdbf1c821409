"""Whether a process of the stack says that it is ready."""

import http.client
from urllib.parse import urlsplit

_HEALTH_TIMEOUT_S = 2
READY = "/health/ready"
"""Where our processes say that they are ready."""


def healthy(port: int, path: str = READY) -> bool:
    """Whether the process behind the loopback's `port` says at `path` that it is ready."""
    return probe(f"http://127.0.0.1:{port}{path}") == 200


def probe(url: str) -> int | None:
    """The status that `url` answers with, None if it does not answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_HEALTH_TIMEOUT_S)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
