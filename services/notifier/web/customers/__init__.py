"""A store's customers: what is closed to them, what is held on them, and their chats."""
