"""The studio: a person's batches at a desk. A door to the dialogue like the chats: it shows its words and buttons."""
