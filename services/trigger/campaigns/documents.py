"""Campaigns as somebody says them: YAML as in a file, or JSON of the same shape. All that is wrong is told at once."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from libs.files.yaml_file import MOST_BYTES, Fault, FaultyTextError, understand, validated
from services.trigger.domain.campaigns import CampaignFile

MOST = MOST_BYTES
Known = Mapping[str, Any]
"""Of a store, what checks of its campaigns go by: `currencies`, in which it sells; `templates`, by their names the
channels that each has words for, and names of `pools` of coupons, where the notifier has told of them.
"""
NOTHING: Known = MappingProxyType({})


class NoJsonError(ValueError):
    """A body that is not JSON; the text says where reading stopped."""


def read_yaml(body: bytes, store: Known = NOTHING) -> tuple[str, CampaignFile]:
    """What is to be kept of a YAML text, and what it says, by what is known of the store. Raises `FaultyTextError`."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FaultyTextError([Fault(body.count(b"\n", 0, error.start) + 1, "text", "is not UTF-8")]) from None
    try:
        document, file = understand(text, CampaignFile, store)
    except FaultyTextError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a check of a kind stumbles over
        raise _stumbled(error) from None
    return json.dumps(document), file


def read_json(body: bytes, store: Known = NOTHING) -> tuple[str, CampaignFile]:
    """The same of a JSON text. Raises `NoJsonError`, `FaultyTextError`."""
    try:
        document = json.loads(body, object_pairs_hook=_each_once)
    except RecursionError:
        raise NoJsonError("nested too deep") from None
    except json.JSONDecodeError as error:
        raise NoJsonError(f"{error.msg} in line {error.lineno}") from None
    except ValueError as error:
        raise NoJsonError("the text is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)) from None
    return json.dumps(document), kept(document, store)


def kept(document: Any, store: Known = NOTHING) -> CampaignFile:  # noqa: ANN401 - plain data
    """What a kept document says. Raises `FaultyTextError`: an older or newer release may have kept it."""
    try:
        return validated(document, CampaignFile, known=store)
    except FaultyTextError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        raise _stumbled(error) from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _stumbled(error: Exception) -> FaultyTextError:
    return FaultyTextError([Fault(0, "file", f"can't be used ({type(error).__name__})")])
