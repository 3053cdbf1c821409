"""Images say what of others they hold: the page is what the installed packages say, and it is in the images."""

import re
from email.message import Message
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

import pytest

from deploy.reference.notice import IMAGES, NOTICE, licence_of, notice, pinned, texts_of

ROOT = Path(__file__).resolve().parents[3]


class Told(Distribution):
    """A package that says only this of itself."""

    def __init__(self, **fields: str) -> None:
        self.fields = {"Name": "one", "Version": "1", **{k.replace("_", "-"): v for k, v in fields.items()}}

    @property
    def metadata(self) -> Any:
        message = Message()
        for name, value in self.fields.items():
            for one in value.split("|"):
                message[name] = one
        return message

    def read_text(self, filename: str) -> None:
        return None

    def locate_file(self, path: Any) -> Any:
        return path


def test_the_page_is_what_the_packages_say() -> None:
    """After a change of packages: python -m deploy.reference"""
    assert NOTICE.read_text(encoding="utf-8") == notice()


@pytest.mark.parametrize("image", IMAGES)
def test_every_package_of_an_image_has_a_line(image: str) -> None:
    lines = dict(re.findall(r"^\| ([a-z0-9-]+) \| (\S+) \|", notice(), re.MULTILINE))
    assert lines.items() >= {(name, distribution(name).version) for name in pinned(image)}


def test_an_image_holds_the_page_and_the_licence() -> None:
    text = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    assert "COPY pyproject.toml LICENSE deploy/docs/NOTICE.md ./" in text


@pytest.mark.parametrize(
    ("told", "licence"),
    [
        ({"License_Expression": "MIT OR Apache-2.0", "License": "x"}, "MIT OR Apache-2.0"),
        ({"License": "MIT License"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, "BSD-3-Clause"),
        ({"Classifier": "License :: OSI Approved|License :: OSI Approved :: Apache Software License"}, "Apache-2.0"),
        ({"Classifier": "License :: MIT License|License :: Apache Software License"}, "Apache-2.0 OR MIT"),
        ({"Name": "mrml"}, "MIT"),
    ],
)
def test_a_licence_is_found_in_whichever_field_a_package_has(told: dict[str, str], licence: str) -> None:
    assert licence_of(Told(**told)) == licence


def test_a_package_that_says_nothing_is_looked_up_by_a_person() -> None:
    with pytest.raises(LookupError, match="one 1: no licence"):
        licence_of(Told())


def test_notices_are_named_beside_licences() -> None:
    assert texts_of(distribution("prometheus-client")) == ["LICENSE", "NOTICE"]
