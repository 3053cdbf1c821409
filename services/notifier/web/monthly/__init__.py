"""The two pages of what somebody would like to have every month."""
