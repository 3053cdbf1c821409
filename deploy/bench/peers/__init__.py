"""Other shops from packages, on the same PostgreSQL, so that an add to the cart can be held beside theirs."""
