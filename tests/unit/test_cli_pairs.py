"""Lists of voices and templates as spreadsheets and people write them."""

from pathlib import Path

import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.cli.pairs import read_pairs

CHINESE, GERMAN = "安娜.mp4", "Grüße.mp4"
NAMES = ("voice.wav", "short.wav", "Anna.mp4", CHINESE, GERMAN, "Smith, Anna.mp4", "two\nlines.mp4", "voice")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def read(folder: Path, content: str | bytes) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Names of voice and template per row, and the columns that nobody reads."""
    path = folder / "pairs.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    table = read_pairs(path)
    assert all(path.parent in (pair.voice.parent, pair.voice.parent.parent) for pair in table.pairs)
    return [(pair.voice.name, pair.template.name) for pair in table.pairs], table.ignored


ONE = [("voice.wav", "Anna.mp4")]


@pytest.mark.parametrize(
    "content",
    [
        "audio,template\nvoice.wav,Anna.mp4\n",
        "template,audio\nAnna.mp4,voice.wav",
        "voice.wav,Anna.mp4\r\n\r\n",
        "Audio;Template\r\nvoice.wav;Anna.mp4\r\n",
        "audio\ttemplate\nvoice.wav\tAnna.mp4\n",
        "sep=;\r\nvideo;voice\r\nAnna.mp4;voice.wav\r\n",
        "Video File, Voice_File\nAnna.mp4, voice.wav\n",
        '"audio","template"\n"voice.wav", "Anna.mp4"\n',
        "\n\n , \nface,recording\nAnna.mp4,voice.wav\n",
        "模板,声音\nAnna.mp4,voice.wav\n",
        "\ufeffaudio,template\nvoice.wav,Anna.mp4\n",
        "audio,template\nvoice.wav,Anna.mp4\n".encode("utf-16"),
        "audio;template\nvoice.wav;Anna.mp4\n".encode("utf-16-le"),
        "模板文件;配音文件\nAnna.mp4;voice.wav\n".encode("gbk"),
    ],
)
def test_any_common_separator_encoding_and_heading_gives_the_same_pair(folder: Path, content: str | bytes) -> None:
    assert read(folder, content) == (ONE, ())


@pytest.mark.parametrize(
    ("name", "encoding"), [(CHINESE, "gbk"), (CHINESE, "utf-16"), (GERMAN, "cp1252"), (GERMAN, "utf-8")]
)
def test_names_are_read_in_the_encoding_in_which_their_files_are_there(folder: Path, name: str, encoding: str) -> None:
    pairs, _ = read(folder, f"audio,template\nvoice.wav,{name}\n".encode(encoding))
    assert pairs == [("voice.wav", name)]


def test_quoted_cells_may_hold_separators_and_lines(folder: Path) -> None:
    content = 'audio;template;note\nvoice.wav;Smith, Anna.mp4;"a\nb; c"\nshort.wav;"two\nlines.mp4";\n'
    expected = [("voice.wav", "Smith, Anna.mp4"), ("short.wav", "two\nlines.mp4")]
    assert read(folder, content) == (expected, ("note",))


def test_columns_that_nobody_reads_are_named(folder: Path) -> None:
    content = "id,audio,text,template,empty\n1,voice.wav,hello,Anna.mp4,\n"
    assert read(folder, content) == (ONE, ("id", "text"))
    assert read(folder, "voice.wav,Anna.mp4,x\n") == (ONE, ("3",))


def test_a_file_may_be_called_like_a_heading(folder: Path) -> None:
    assert read(folder, "voice,Anna.mp4\nshort.wav,Anna.mp4\n")[0] == [("voice", "Anna.mp4"), ("short.wav", "Anna.mp4")]


def test_where_a_pair_was_written_down_counts_rows_as_a_spreadsheet_does(folder: Path) -> None:
    (folder / "pairs.csv").write_text('audio,template,note\nvoice.wav,Anna.mp4,"two\nlines"\n\nshort.wav,Anna.mp4,\n')
    told = [pair.told for pair in read_pairs(folder / "pairs.csv").pairs]
    assert told == ["row 2 of pairs.csv", "row 4 of pairs.csv"]


@pytest.mark.parametrize(
    ("content", "code", "params"),
    [
        ("audio,template\nvoice.wav,Anna.mp4\nvoice.wav\n", ErrorCode.BAD_PAIRS, {"row": 3, "column": "template"}),
        ("Face;Voice\nAnna.mp4;\n", ErrorCode.BAD_PAIRS, {"row": 2, "column": "Voice"}),
        (",Anna.mp4\n", ErrorCode.BAD_PAIRS, {"row": 1, "column": "audio"}),
        ("audio,template\n" + "x" * 200_000 + ",b", ErrorCode.BAD_PAIRS, {"row": 2, "column": "audio"}),
        ("audio,person\nvoice.wav,Anna.mp4\n", ErrorCode.PAIRS_COLUMNS, {"missing": "template"}),
        ("stimme;gesicht\nvoice.wav;Anna.mp4\n", ErrorCode.PAIRS_COLUMNS, {"missing": "audio"}),
        (b"PK\x03\x04\x14\x00\x06\x00", ErrorCode.NOT_TEXT, {}),
    ],
)
def test_what_makes_no_sense_is_refused_by_row_and_column(
    folder: Path, content: str | bytes, code: ErrorCode, params: dict[str, str | int]
) -> None:
    with pytest.raises(HeygemError) as caught:
        read(folder, content)
    assert (caught.value.code, dict(caught.value.params)) == (code, {**params, "name": "pairs.csv"})
