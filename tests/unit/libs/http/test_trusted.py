"""Certificates are read once, however often a client is made, and a client takes them without reading its own."""

import ssl
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest

from libs.http.trusted import Trusted


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read."""
    found: list[str] = []
    made = ssl.create_default_context

    def counted(**given: Any) -> ssl.SSLContext:
        found.append(given.get("cafile", ""))
        return made(**given)

    monkeypatch.setattr(ssl, "create_default_context", counted)
    return found


async def test_certificates_are_read_once_for_all_clients(reads: list[str]) -> None:
    trusted = Trusted()
    for _ in range(3):
        async with httpx.AsyncClient(trust_env=False, verify=await trusted.context()):
            pass
    assert reads == [certifi.where()]


async def test_the_file_of_the_environment_is_read_where_it_is_heeded(
    reads: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "own.pem"
    own.write_text(Path(certifi.where()).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    await Trusted(trust_env=True).context()
    await Trusted().context()
    assert reads == [str(own), certifi.where()]
