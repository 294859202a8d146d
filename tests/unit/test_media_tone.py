"""High dynamic range and wide colours, as a screen without either shows them."""

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from av.video.frame import VideoFrame

from heygem.media.video import Colour, VideoReader, to_rgb

PQ, HLG, BT2020, BT709 = 16, 18, 9, 1
TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])  # ITU-R BT.2087


def ten_bit(path: Path, blocks: npt.NDArray[np.uint16], colour: tuple[int, int, int, int]) -> Path:
    """A lossless video of 32x32 blocks side by side; `blocks` (n, 3) are their 10-bit Y, U and V."""
    planes = [np.repeat(blocks[:, part], side)[None].repeat(side, 0) for part, side in enumerate((32, 16, 16))]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32 * len(blocks), 32, "yuv420p10le"
        stream.color_range, stream.colorspace, stream.color_primaries, stream.color_trc = colour
        flat = np.concatenate([plane.reshape(-1, 32 * len(blocks)) for plane in planes])
        for _ in range(3):
            container.mux(stream.encode(VideoFrame.from_ndarray(np.ascontiguousarray(flat), "yuv420p10le")))
        container.mux(stream.encode(None))
    return path


def greys(*codes: int) -> npt.NDArray[np.uint16]:
    return np.array([(code, 512, 512) for code in codes], np.uint16)


@pytest.mark.parametrize(
    ("tags", "shown"),
    [
        ((1, 2, 2, PQ), (55, 130, 188, 235)),  # some recorders say the curve alone
        ((1, BT2020, BT2020, HLG), (73, 118, 159, 234)),
    ],
)
def test_high_dynamic_range_keeps_its_highlights_and_is_tagged_as_what_it_is(
    tmp_path: Path, tags: tuple[int, int, int, int], shown: tuple[int, ...]
) -> None:
    path = ten_bit(tmp_path / "hdr.mkv", greys(300, 520, 700, 940), tags)
    with VideoReader(path) as reader:
        assert reader.info.colour == Colour(1, 1, 1, 1)
        frames = list(reader)
    for frame in frames:
        seen = frame.y[16, 16::32].astype(int)
        assert np.abs(seen - shown).max() <= 4, seen
        assert np.abs(np.stack([frame.u, frame.v]).astype(int) - 128).max() <= 2


def test_wide_colours_without_high_dynamic_range_keep_their_hue(tmp_path: Path) -> None:
    linear = np.eye(3) @ TO_BT2020.T  # red, green and blue of BT.709, a line each
    rgb = np.where(linear < 0.018, 4.5 * linear, 1.099 * np.clip(linear, 0.018, None) ** 0.45 - 0.099)
    luma = rgb @ (0.2627, 0.6780, 0.0593)
    u, v = (rgb[:, 2] - luma) / 1.8814, (rgb[:, 0] - luma) / 1.4746
    codes = np.column_stack([64 + 876 * luma, 512 + 896 * u, 512 + 896 * v]).round().astype(np.uint16)
    with VideoReader(ten_bit(tmp_path / "wide.mkv", codes, (1, BT2020, BT2020, BT709))) as reader:
        assert reader.info.colour == Colour(1, 1, 1, 1)
        seen = to_rgb(next(iter(reader)))[16, 16::32]
    assert np.abs(seen.astype(int) - 255 * np.eye(3)).max() <= 12, seen


def test_ten_bits_of_an_ordinary_range_are_only_rounded(tmp_path: Path) -> None:
    path = ten_bit(tmp_path / "sdr.mkv", greys(64, 300, 520, 940), (1, 1, 1, 1))
    with VideoReader(path) as reader:
        assert reader.info.colour == Colour(1, 1, 1, 1)
        assert np.abs(next(iter(reader)).y[16, 16::32] - np.array([64, 300, 520, 940]) / 4).max() <= 1


@pytest.mark.parametrize("matrix", [8, 10, 11, 12, 13])
def test_colours_that_only_players_can_calculate_stay_as_they_are_and_keep_their_name(
    tmp_path: Path, matrix: int
) -> None:
    path = ten_bit(tmp_path / "odd.mkv", greys(64, 300, 520, 940), (1, matrix, 1, 1))
    with VideoReader(path) as reader:
        assert reader.info.colour == Colour(1, matrix, 1, 1)
        assert np.abs(next(iter(reader)).y[16, 16::32] - np.array([64, 300, 520, 940]) / 4).max() <= 1
