"""Kinds of campaigns of which also services have to know that neither decide on them nor send them."""

WAITED_FOR = frozenset({"back_in_stock"})
"""Those that tell people of an item for which they wait: who was told waits no more."""
