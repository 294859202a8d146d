"""Lists of voices and templates as spreadsheets write them: any common separator and encoding, columns by heading."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from heygem.base.errors import ErrorCode, HeygemError
from heygem.cli.inputs import existing

VOICE, TEMPLATE = "audio", "template"
_KNOWN: Mapping[str, frozenset[str]] = {
    VOICE: frozenset({"audio", "voice", "sound", "speech", "recording", "音频", "声音", "语音", "配音", "录音"}),
    TEMPLATE: frozenset(
        {"template", "video", "face", "portrait", "picture", "photo", "image", "clip", "avatar"}
        | {"模板", "视频", "人物", "形象", "头像", "图片", "照片"}
    ),
}
_FILLERS = ("file", "path", "文件", "路径")  # "voice file" is the voice, too
_SEPARATORS = ("\t", ";", ",")
_ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")

Row = tuple[int, list[str]]  # its number as a spreadsheet shows it, its cells


@dataclass(frozen=True)
class Pair:
    """A voice for a template, and where it was written down: "row 3 of pairs.csv", or "" for the command line."""

    voice: Path
    template: Path
    told: str = ""

    @property
    def title(self) -> str:
        return f"{self.template.name} · {self.voice.name}" if self.told else self.template.name


@dataclass(frozen=True)
class Pairs:
    """`ignored` are the columns that nobody reads: their headings, or their number."""

    pairs: tuple[Pair, ...]
    ignored: tuple[str, ...]


def read_pairs(path: Path) -> Pairs:
    """The rows of a CSV; paths are relative to it, empty rows are skipped.

    Without headings the voice comes first, then the template.

    Raises:
        HeygemError: FILE_MISSING, NOT_TEXT; PAIRS_COLUMNS where the headings name no voice or no template; BAD_PAIRS
            with row and column where a cell is empty.
    """
    tables = [_Table(path, rows) for text in _texts(path) for rows in _readings(text, path)]
    return max(tables, key=lambda table: table.fits).read()


def _texts(path: Path) -> list[str]:
    """What the file may say: more than one reading where its encoding can't be told from its bytes."""
    data = existing(path).read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        candidates: tuple[str, ...] = ("utf-16",)
    elif b"\0" in data[:2]:  # an ASCII letter in UTF-16 without a mark
        candidates = ("utf-16-be" if data[0] == 0 else "utf-16-le",)
    else:
        candidates = _ENCODINGS
    texts = []
    for encoding in candidates:
        try:
            texts.append(data.decode(encoding))
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8-sig":  # nothing else looks like it by chance
            break
    if not texts or any("\0" in text for text in texts):
        raise HeygemError(ErrorCode.NOT_TEXT, name=path.name)
    return texts


def _readings(text: str, path: Path) -> Iterator[list[Row]]:
    if text[:4].lower() == "sep=":  # Excel's own line
        mark, _, text = text.partition("\n")
        yield _rows(text, mark[4:5], path, 2)
    else:
        for separator in _SEPARATORS:
            yield _rows(text, separator, path, 1)


def _rows(text: str, separator: str, path: Path, first: int) -> list[Row]:
    rows: list[Row] = []
    number = first
    try:
        for number, cells in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True), start=first
        ):
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                rows.append((number, stripped))
    except csv.Error:  # a cell that is too long
        raise HeygemError(ErrorCode.BAD_PAIRS, row=number + bool(rows), name=path.name, column=VOICE) from None
    return rows


class _Table:
    """The rows of one reading of the file."""

    def __init__(self, path: Path, rows: list[Row]) -> None:
        self._path = path
        headings = rows[0][1] if rows else []
        self._known = {kind: _column(headings, names) for kind, names in _KNOWN.items()}
        self._headed = self._are_headings(headings, rows[1:])
        self._headings = headings if self._headed else []
        self._rows = rows[1:] if self._headed else rows

    @property
    def fits(self) -> tuple[int, int]:
        """How well this reading makes sense: first files that are there, then known columns and separate cells."""
        there = sum(self._there(cell) for _, cells in self._rows for cell in cells)
        columns = sum(column is not None for column in self._known.values()) if self._headed else 0
        return there, columns + min((len(cells) for _, cells in self._rows), default=0)

    def read(self) -> Pairs:
        voice, template = self._columns()
        used = {voice, template}
        width = max((len(cells) for _, cells in self._rows), default=0)
        ignored = [self._heading(column) for column in range(width) if column not in used and self._filled(column)]
        pairs = (
            Pair(self._file(row, voice), self._file(row, template), f"row {row[0]} of {self._path.name}")
            for row in self._rows
        )
        return Pairs(tuple(pairs), tuple(ignored))

    def _columns(self) -> tuple[int, int]:
        if not self._headed:
            return 0, 1
        columns = []
        for kind, column in self._known.items():
            if column is None:
                raise HeygemError(ErrorCode.PAIRS_COLUMNS, name=self._path.name, missing=kind)
            columns.append(column)
        return columns[0], columns[1]

    def _file(self, row: Row, column: int) -> Path:
        number, cells = row
        if column >= len(cells) or not cells[column]:
            told = self._headings[column] if self._headed else (VOICE, TEMPLATE)[column]
            raise HeygemError(ErrorCode.BAD_PAIRS, row=number, name=self._path.name, column=told)
        return self._path.parent / cells[column]

    def _heading(self, column: int) -> str:
        named = self._headings[column] if column < len(self._headings) else ""
        return named or str(column + 1)

    def _filled(self, column: int) -> bool:
        return any(cells[column] for _, cells in self._rows if column < len(cells))

    def _are_headings(self, cells: list[str], rows: list[Row]) -> bool:
        """Also where nothing in them is known, to say so; a file may be called "voice"."""
        files = [self._there(cell) for cell in cells]
        known = [column for column in self._known.values() if column is not None]
        if len(known) == len(self._known):
            return not all(files)
        plain = not any("." in cell for cell in cells)
        listed = plain and any(self._there(cell) for _, row in rows for cell in row)
        return not any(files) and (bool(known) or listed)

    def _there(self, cell: str) -> bool:
        try:
            return bool(cell) and (self._path.parent / cell).is_file()
        except (OSError, ValueError):  # too long, or with a zero byte
            return False


def _column(headings: list[str], names: frozenset[str]) -> int | None:
    for position, heading in enumerate(headings):
        words = heading.casefold().replace("_", " ").replace("-", " ").replace("/", " ").split()
        if " ".join(words) in names or (len(words) == 2 and words[0] in names and words[1] in _FILLERS):
            return position
        if any(heading.endswith(filler) and heading.removesuffix(filler) in names for filler in _FILLERS):
            return position
    return None
