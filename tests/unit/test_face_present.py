"""Whether anybody is in a template at all."""

from pathlib import Path

import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.face.present import find_face
from tests.faces import handheld, nothing, write_clip


def test_looking_ends_with_the_first_face(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "late.mp4", [*[nothing(256)] * 7, *handheld(6, 256, 1.4)])
    told: list[float] = []
    found = find_face(clip, "Late.mp4", told.append, lambda: False)
    assert 7 <= int(found["frame"]) <= 9  # every third is looked at
    assert told == sorted(told)
    assert 0 < told[-1] < 0.8


def test_a_template_without_any_is_told_by_name(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "wall.mp4", [nothing(256)] * 5)
    with pytest.raises(HeygemError) as caught:
        find_face(clip, "Wall.mp4", lambda _: None, lambda: False)
    assert (caught.value.code, caught.value.params) == (ErrorCode.NO_FACE, {"name": "Wall.mp4"})


def test_it_can_be_cancelled(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "wall.mp4", [nothing(64)] * 5)
    with pytest.raises(HeygemError) as caught:
        find_face(clip, "Wall.mp4", lambda _: None, lambda: True)
    assert caught.value.code is ErrorCode.CANCELLED
