"""The cookies of the console: who is logged in, and who is about to."""

from starlette.requests import Request
from starlette.responses import Response

SESSION, VISIT = "evercart_console", "evercart_console_visit"
"""Of a log-in, and of the form before it, which has to be its own as well."""


class Cookies:
    """Sets and reads them. By TLS they are this host's alone (`__Host-`), and never travel in the clear."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self._prefix = "__Host-" if secure else ""

    def read(self, request: Request, name: str) -> str:
        """A cookie; empty where there is none."""
        return request.cookies.get(self._prefix + name, "")

    def put(self, response: Response, name: str, value: str, max_age_s: int | None = None) -> None:
        """Sets a cookie that no script reads; other sites' forms do not bring it along, their links do."""
        response.set_cookie(
            self._prefix + name,
            value,
            max_age=max_age_s,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, name: str) -> None:
        """Takes a cookie back."""
        response.delete_cookie(self._prefix + name, path="/", secure=self._secure, httponly=True, samesite="lax")
