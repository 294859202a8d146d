"""A strict stand-in for Telegram's Bot API: a real HTTP server on loopback, and the people on the other side of it.

It refuses what the real one refuses, with its words where they are known. Where the real one is silent (a parameter
that a method does not have) it refuses too, since that is always a mistake of the caller's.
"""

from tests.fakes.telegram.people import Chat, Topic
from tests.fakes.telegram.server import FakeTelegram
from tests.fakes.telegram.state import Fault, Sent

__all__ = ["Chat", "FakeTelegram", "Fault", "Sent", "Topic"]
