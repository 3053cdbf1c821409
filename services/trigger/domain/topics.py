"""What the trigger's facts are told on. Pure."""

from libs.contracts.topics import CART_EVENTS, CUSTOMER_REACH, INVENTORY_LEVELS, PRICE_LEVELS

OF_FACTS = (CART_EVENTS, INVENTORY_LEVELS, PRICE_LEVELS, CUSTOMER_REACH)
"""Carts, orders, watches, levels, prices and reach: of these it is made anew, and tried on the past."""
