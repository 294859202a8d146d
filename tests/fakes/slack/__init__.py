"""A strict stand-in for Slack on 127.0.0.1: Web API, Socket Mode, HTTP events, files, and people who use it.

It refuses what Slack refuses; tests/unit/test_slack_fake.py holds it against the published method descriptions where
they are at hand.
"""
