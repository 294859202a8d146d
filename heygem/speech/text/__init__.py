"""Typed words -> phones, for any script as well as it goes: the aligner needs lips and jaw, not an accent."""
