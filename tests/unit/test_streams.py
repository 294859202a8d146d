"""What is printed, where the terminal or the pipe has an encoding of its own."""

import io
import sys

import pytest

from heygem.base.streams import show_anything, shows

NAME = "✓ Grüße 安娜 🎬 \udcff"  # its last sign is a byte of a file name that is no UTF-8


@pytest.mark.parametrize(
    ("encoding", "shown", "ticks"),
    [
        ("ascii", r"\u2713 Gr\xfc\xdfe \u5b89\u5a1c \U0001f3ac \udcff", False),
        ("cp1252", r"\u2713 Grüße \u5b89\u5a1c \U0001f3ac \udcff", False),
        ("gbk", r"\u2713 Gr\xfc\xdfe 安娜 \U0001f3ac \udcff".replace(r"\xfc", "ü"), False),
        ("utf-8", r"✓ Grüße 安娜 🎬 \udcff", True),
        ("utf-16", r"✓ Grüße 安娜 🎬 \udcff", True),
    ],
)
def test_what_an_encoding_lacks_is_written_as_an_escape_into_any_pipe(
    monkeypatch: pytest.MonkeyPatch, encoding: str, shown: str, ticks: bool
) -> None:
    pipes = io.BytesIO(), io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipes[0], encoding))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(pipes[1], encoding))
    show_anything()
    for stream, pipe in zip((sys.stdout, sys.stderr), pipes, strict=True):
        print(NAME, end="", file=stream, flush=True)
        assert pipe.getvalue().decode(encoding) == shown
    assert shows("✓") == ticks
