"""The trigger: decides from what happened to carts and stock who is due a reminder, and when."""
