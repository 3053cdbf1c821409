"""What a page can't do, as a page says it."""


class PageRefusal(Exception):  # noqa: N818 - not every refusal is an error
    """Ends a request with a page of words (`refusal.<key>`) and a status."""

    def __init__(self, status: int, key: str, detail: str = "") -> None:
        super().__init__(key)
        self.status, self.key, self.detail = status, key, detail


class LogInFirst(Exception):  # noqa: N818 - as above
    """Nobody is logged in; `path` is where they wanted to go."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path
