"""`evercart version`: which release this is."""

from libs.runtime.version import version as told


def version() -> None:
    """Tell the version of this release."""
    print(told())
