"""A store's messages: handed over, explained, shown again, paused, called off."""
