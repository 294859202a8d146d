"""Several pictures in one, each with its number: what a list of videos looks like where a message takes one picture."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

_TILE, _GAP, _BADGE = 240, 6, 40  # pixels
_COLUMNS = 4
_PAPER, _EMPTY, _INK = (255, 255, 255), (225, 225, 225), (0, 0, 0)


def sheet(pictures: Sequence[Path | None]) -> bytes:
    """A JPEG of the pictures, numbered from 1 in reading order, cut to squares. An empty square where there is none."""
    columns = min(_COLUMNS, len(pictures))
    rows = -(-len(pictures) // columns)
    step = _TILE + _GAP
    paper = Image.new("RGB", (columns * step - _GAP, rows * step - _GAP), _PAPER)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        paper.paste(_numbered(_square(picture), index + 1), (column * step, row * step))
    written = BytesIO()
    paper.save(written, "JPEG", quality=85)
    return written.getvalue()


def _square(picture: Path | None) -> Image.Image:
    if picture is None:
        return Image.new("RGB", (_TILE, _TILE), _EMPTY)
    with Image.open(picture) as opened:
        return ImageOps.fit(opened.convert("RGB"), (_TILE, _TILE), centering=(0.5, 0.3))  # faces are above the middle


def _numbered(tile: Image.Image, number: int) -> Image.Image:
    draw = ImageDraw.Draw(tile)
    draw.rectangle((0, 0, _BADGE, _BADGE), fill=_PAPER)
    middle = (_BADGE // 2, _BADGE // 2)
    draw.text(middle, str(number), fill=_INK, anchor="mm", font=ImageFont.load_default(_BADGE * 0.7))
    return tile
