"""Where the notifier's events come from."""

SOURCE = "/evercart/notifier"
"""CloudEvents source of everything that this service tells."""
