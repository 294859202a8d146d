"""Everything a person meets: the conversation, the status message, and one folder per front end."""
