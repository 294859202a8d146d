"""A piece of a voice for a preview: where it begins, how long it is, and a child that writes it."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from bot.previews.child import asked
from heygem.base.errors import HeygemError
from heygem.media.audio import read_waveform
from heygem.media.excerpt import Piece, write
from tests.media import make_voice

RATE = 48_000


def spoken(path: Path, *, silent_s: float, quiet_s: float, loud_s: float = 0.1) -> Path:
    """Silence, then something quiet, then something loud."""
    silence, quiet, loud = (np.zeros(round(s * RATE), np.float32) for s in (silent_s, quiet_s, loud_s))
    for sound, height in ((quiet, 0.05), (loud, 0.5)):
        sound[:] = height * np.sin(2 * np.pi * 200 / RATE * np.arange(len(sound)))
    return make_voice(path, sound=np.concatenate([silence, quiet, loud, quiet])[np.newaxis])


def piece_of(voice: Path, piece: Piece) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    target = voice.with_suffix(".flac")
    assert asyncio.run(asked("heygem.media.excerpt", str(voice), str(target), piece)) is not None
    return read_waveform(target, "piece", RATE)


def test_three_seconds_begin_with_the_first_sound(tmp_path: Path) -> None:
    piece = piece_of(spoken(tmp_path / "voice.wav", silent_s=5, quiet_s=4), "3s")
    assert len(piece) == 3 * RATE
    first = int(np.argmax(np.abs(piece) > 0.01))
    assert 0.05 * RATE < first < 0.15 * RATE


def test_a_picture_shows_the_loudest_moment(tmp_path: Path) -> None:
    piece = piece_of(spoken(tmp_path / "voice.wav", silent_s=1, quiet_s=2), "picture")
    assert len(piece) == round(0.6 * RATE)
    shown = piece[round(11 / 25 * RATE) : round(12 / 25 * RATE)]  # the frame of a thumbnail
    assert np.abs(shown).max() > 0.4


@pytest.mark.parametrize("piece", ["3s", "picture"])
def test_a_voice_that_is_shorter_is_taken_whole(tmp_path: Path, piece: Piece) -> None:
    voice = spoken(tmp_path / "voice.wav", silent_s=0, quiet_s=0.2)
    assert len(piece_of(voice, piece)) == len(read_waveform(voice, "voice", RATE))


def test_what_has_no_sound_is_no_piece(tmp_path: Path) -> None:
    (tmp_path / "voice.wav").write_bytes(b"nonsense")
    assert asyncio.run(asked("heygem.media.excerpt", str(tmp_path / "voice.wav"), str(tmp_path / "x"), "3s")) is None
    assert not (tmp_path / "x").exists()
    with pytest.raises(HeygemError):
        write(tmp_path / "voice.wav", tmp_path / "x", "3s")
