"""The bot on Telegram: updates become messages, replies and statuses become calls. No dialogue of its own."""
