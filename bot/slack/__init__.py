"""The bot on Slack: Bolt's events, commands and buttons in; Block Kit out. One workspace per process.

`python -m bot slack`. docs/slack.md says how to set it up.
"""

PLATFORM = "slack"
