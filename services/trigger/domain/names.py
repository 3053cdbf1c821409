"""What campaigns, steps, templates and arms may be called."""

NAME = r"^[a-z][a-z0-9_-]{0,49}$"
STEP_NAME = r"^[a-z][a-z0-9_-]{0,69}$"
