"""The bot in a terminal: the same conversation, with files given by path and buttons by number."""
