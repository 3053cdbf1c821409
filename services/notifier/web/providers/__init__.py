"""What providers and mail servers call back with."""
