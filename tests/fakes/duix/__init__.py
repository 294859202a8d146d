"""A strict stand-in for a HeyGem (Duix-Avatar) service: its contract, and every trap that its users met.

Written from the official client and from users' reports. `python -m tests.fakes.duix FOLDER [PORT]` is the service;
`running` starts it for a test. Like the original it answers one request at a time, always with HTTP 200, keeps its
state in memory, and does one task at a time.
"""

from tests.fakes.duix.process import FakeDuix, running

__all__ = ["FakeDuix", "running"]
