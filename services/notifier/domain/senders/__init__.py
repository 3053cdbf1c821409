"""What the DNS says of who sends: record texts in, findings out. Pure; `handlers/senders.py` asks for the records."""
