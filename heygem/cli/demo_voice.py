"""The demo's voice, and what it says. `benchmarks/make_demo_voice.py` makes it."""

from pathlib import Path

VOICE = Path(__file__).parent / "assets" / "voice.ogg"
TEXT = VOICE.with_suffix(".txt")
