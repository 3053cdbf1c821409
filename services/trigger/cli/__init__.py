"""What somebody does at the command line, beside running processes."""
