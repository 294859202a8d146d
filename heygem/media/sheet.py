"""Several pictures in one, each with its number: what a list of videos looks like where a message takes one picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

_GAP = 6  # pixels
_PAPER, _EMPTY, _INK = (255, 255, 255), (225, 225, 225), (0, 0, 0)


@dataclass(frozen=True)
class _Grid:
    """How large a square and its number are, in pixels, and how many squares stand in a row."""

    columns: int
    tile: int
    badge: int


# By how many pictures there are at most: a hundred still have faces that can be told apart on a phone.
_GRIDS = {12: _Grid(4, 240, 40), 30: _Grid(6, 200, 36)}
_DENSEST = _Grid(10, 150, 30)


def sheet(pictures: Sequence[Path | None]) -> bytes:
    """A JPEG of the pictures, numbered from 1 in reading order, cut to squares. An empty square where there is none."""
    grid = next((grid for most, grid in _GRIDS.items() if len(pictures) <= most), _DENSEST)
    columns = min(grid.columns, len(pictures))
    rows = -(-len(pictures) // columns)
    step = grid.tile + _GAP
    paper = Image.new("RGB", (columns * step - _GAP, rows * step - _GAP), _PAPER)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        paper.paste(_numbered(_square(picture, grid.tile), index + 1, grid.badge), (column * step, row * step))
    written = BytesIO()
    paper.save(written, "JPEG", quality=85)
    return written.getvalue()


def _square(picture: Path | None, side: int) -> Image.Image:
    if picture is None:
        return Image.new("RGB", (side, side), _EMPTY)
    with Image.open(picture) as opened:
        return ImageOps.fit(opened.convert("RGB"), (side, side), centering=(0.5, 0.3))  # faces are above the middle


def _numbered(tile: Image.Image, number: int, badge: int) -> Image.Image:
    draw, font = ImageDraw.Draw(tile), ImageFont.load_default(badge * 0.7)
    width = max(badge, round(draw.textlength(str(number), font=font) + badge / 3))
    draw.rectangle((0, 0, width, badge), fill=_PAPER)
    draw.text((width // 2, badge // 2), str(number), fill=_INK, anchor="mm", font=font)
    return tile
