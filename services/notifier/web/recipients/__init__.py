"""The pages and links of a message, for whoever got it."""
