"""The backtest around its pure core: what goes in, who else has a say, and what a person is told of it."""
