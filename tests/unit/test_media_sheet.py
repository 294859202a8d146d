"""Several pictures as one."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from heygem.media.sheet import sheet

COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for path, colour in zip(paths, COLOURS, strict=True):
        Image.new("RGB", (480, 853), colour).save(path)
    return paths


def opened(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(content))
    assert picture.format == "JPEG"
    return picture


@pytest.mark.parametrize(
    ("count", "size"),
    [(1, (240, 240)), (3, (732, 240)), (4, (978, 240)), (12, (978, 732)), (13, (1230, 612)), (100, (1554, 1554))],
)
def test_the_more_there_are_the_smaller_they_get(pictures: list[Path], count: int, size: tuple[int, int]) -> None:
    assert opened(sheet([pictures[0]] * count)).size == size


def test_each_square_shows_its_picture_in_reading_order_and_an_empty_one_none(pictures: list[Path]) -> None:
    made = opened(sheet([*pictures, None]))
    for number, colour in enumerate([*COLOURS, (225, 225, 225)]):
        seen = made.getpixel((number * 246 + 150, 150))
        assert isinstance(seen, tuple)
        assert max(abs(a - b) for a, b in zip(seen, colour, strict=True)) < 12


def test_each_square_has_a_number_of_its_own(pictures: list[Path]) -> None:
    made = opened(sheet([pictures[0]] * 12))
    badges = {made.crop((x, y, x + 40, y + 40)).tobytes() for x in range(0, 978, 246) for y in range(0, 732, 246)}
    assert len(badges) == 12
    dense, at = opened(sheet([pictures[0]] * 100)), range(0, 1554, 156)
    assert len({dense.crop((x, y, x + 60, y + 30)).tobytes() for x in at for y in at}) == 100
