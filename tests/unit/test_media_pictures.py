"""Photos, animations and what is transparent, as templates: what a person expects to see."""

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageCms

from heygem.base.limits import Limits
from heygem.media.probe import check_template, probe
from heygem.media.thumbnail import thumbnail
from heygem.media.video import VideoReader, looped, to_rgb
from tests.media import Pixels, number_of, picture

LIMITS = Limits()
WHITE, GREEN, HIDDEN = (255, 255, 255), (30, 160, 60), (200, 30, 220)


def photo(size: tuple[int, int] = (96, 64)) -> Image.Image:
    return Image.fromarray(picture(0, *size))


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


def seen(path: Path) -> Pixels:
    with VideoReader(path) as reader:
        return to_rgb(next(iter(reader)))


def accepted(path: Path) -> tuple[int, int]:
    """The size that the probe's child, which has to end well, says."""
    info = probe(path, path.name, LIMITS)
    check_template(info, path.name, LIMITS)
    assert info.video is not None
    return info.video.width, info.video.height


def near(rgb: Pixels, expected: Pixels) -> bool:
    return bool(np.abs(rgb.astype(int) - expected[: len(rgb), : rgb.shape[1]]).mean() < 6)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_photo_with_a_colour_profile_is_a_photo_and_stands_as_its_camera_was_held(
    tmp_path: Path, suffix: str
) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = tmp_path / f"photo.{suffix}"
    photo().save(path, icc_profile=profile, exif=exif(6), quality=95)
    assert accepted(path) == (64, 96)
    assert near(seen(path), np.rot90(picture(0, 96, 64), -1))
    command = [sys.executable, "-m", "heygem.media.thumbnail", str(path), str(tmp_path / "small.jpg")]
    assert subprocess.run(command, check=False).returncode == 0


def swapping_profile() -> bytes:
    """sRGB, but what it calls red is green, and the other way round."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "heic", "avif"])
def test_a_photos_colours_are_those_that_its_profile_means(tmp_path: Path, suffix: str) -> None:
    if suffix == "heic":
        pytest.importorskip("pillow_heif").register_heif_opener()
    path = tmp_path / f"photo.{suffix}"
    photo().save(path, icc_profile=swapping_profile(), quality=95)
    assert accepted(path) == (96, 64)
    assert near(seen(path), picture(0, 96, 64)[..., [1, 0, 2]])


def test_colours_are_converted_once_and_found_behind_padding(tmp_path: Path) -> None:
    """In a WebP animation of one picture, and in a JPEG whose parts have fill bytes between them."""
    animation, padded = tmp_path / "one.webp", tmp_path / "padded.jpg"
    more = [Image.new("RGB", (96, 64))]
    photo().save(animation, icc_profile=swapping_profile(), lossless=True, save_all=True, append_images=more)
    data = animation.read_bytes()
    data = data[: data.index(b"ANMF", data.index(b"ANMF") + 4)]
    animation.write_bytes(data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:])
    photo().save(padded, icc_profile=swapping_profile(), quality=95)
    padded.write_bytes(padded.read_bytes().replace(b"\xff\xe2", b"\xff\xff\xe2", 1))
    for path in (animation, padded):
        assert near(seen(path), picture(0, 96, 64)[..., [1, 0, 2]])


def test_a_photo_of_high_dynamic_range_is_brought_to_what_screens_show(tmp_path: Path) -> None:
    pytest.importorskip("pillow_heif").register_heif_opener()
    path = tmp_path / "hdr.heic"
    grey = Image.new("RGB", (64, 64), (71, 71, 71))  # hardly any light on a curve that ends at 10,000 nits
    grey.save(path, quality=95, color_primaries=9, transfer_characteristics=16)
    assert accepted(path) == (64, 64)
    assert 30 < seen(path)[32, 32].max() < 58


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
@pytest.mark.parametrize("profile", [b"", b"x", b"\0" * 16 + b"RGB " + b"\xff" * 500, b"\0" * 16 + b"CMYK"])
def test_a_profile_that_means_nothing_changes_nothing(tmp_path: Path, suffix: str, profile: bytes) -> None:
    path = tmp_path / f"photo.{suffix}"
    photo().save(path, icc_profile=profile, quality=95)
    assert accepted(path) == (96, 64)
    assert near(seen(path), picture(0, 96, 64))


def test_of_a_photo_that_holds_further_pictures_the_first_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "ultra-hdr.jpg"
    gain = Image.new("L", (48, 32), 128).convert("RGB")
    photo().save(path, format="MPO", save_all=True, append_images=[gain], quality=95)
    assert accepted(path) == (96, 64)
    for frame in looped(path, 5, "hold"):
        assert near(to_rgb(frame), picture(0, 96, 64))


def test_a_photo_may_be_padded_between_its_parts(tmp_path: Path) -> None:
    path = tmp_path / "padded.jpg"
    photo().save(path, quality=95)
    path.write_bytes(path.read_bytes().replace(b"\xff\xdb", b"\xff\xff\xff\xdb").replace(b"\xff\xc0", b"\xff\xff\xc0"))
    assert accepted(path) == (96, 64)
    assert near(seen(path), picture(0, 96, 64))


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_a_phones_photo_is_scaled_down_and_not_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"phone.{suffix}"
    photo((63, 84)).resize((3024, 4032)).save(path, compress_level=1, method=0)
    width, height = accepted(path)
    with VideoReader(path) as reader:
        (frame,) = reader
    assert (frame.width, frame.height) == (width & ~1, height & ~1)
    assert frame.width * frame.height <= 3840 * 2160 < 1.01 * frame.width * frame.height
    assert abs(frame.height / frame.width - 4 / 3) < 0.002


@pytest.mark.parametrize("suffix", ["heic", "avif"])
def test_a_photo_in_a_newer_format_is_a_template(tmp_path: Path, suffix: str) -> None:
    if suffix == "heic":
        pytest.importorskip("pillow_heif").register_heif_opener()
    path = tmp_path / f"portrait.{suffix}"
    photo((640, 480)).save(path, quality=90)
    assert accepted(path) == (640, 480)
    with VideoReader(path) as reader:
        assert reader.info.still
        (frame,) = reader
    assert near(to_rgb(frame), picture(0, 640, 480))
    with Image.open(BytesIO(thumbnail(path))) as small:
        assert small.size == (480, 360)


@pytest.mark.parametrize(
    ("size", "small"), [((1280, 720), (480, 270)), ((720, 1280), (270, 480)), ((64, 96), (64, 96))]
)
def test_a_small_picture_is_small_in_pixels_and_in_bytes(
    tmp_path: Path, size: tuple[int, int], small: tuple[int, int]
) -> None:
    path = tmp_path / "loud.png"
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(noise).save(path, compress_level=1)
    jpeg = thumbnail(path)
    assert len(jpeg) <= 30_000
    with Image.open(BytesIO(jpeg)) as opened:
        assert opened.size == small


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_an_animation_keeps_its_times(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"moving.{suffix}"
    shown = [Image.fromarray(picture(number, 160, 120)) for number in range(4)]
    shown[0].save(path, save_all=True, append_images=shown[1:], duration=[120, 40, 400, 1200], loop=0, lossless=True)
    assert accepted(path) == (160, 120)
    assert probe(path, "moving", LIMITS).duration_s == pytest.approx(1.76, abs=0.05)
    with VideoReader(path) as reader:
        assert not reader.info.still
        assert [number_of(frame.y) for frame in reader] == [0] * 3 + [1] + [2] * 10 + [3] * 30


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_an_animation_of_one_picture_is_a_still(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"lone.{suffix}"
    photo().save(path, save_all=True, duration=100)
    with VideoReader(path) as reader:
        assert reader.info.still
        assert len(list(reader)) == 1
    assert len(list(looped(path, 9, "cut"))) == 9


def cut_out() -> Image.Image:
    """A green disc on nothing; behind the nothing lies another colour."""
    y, x = np.mgrid[:64, :96]
    disc = (y - 32) ** 2 + (x - 48) ** 2 < 20**2
    rgba = np.where(disc[..., None], (*GREEN, 255), (*HIDDEN, 0))
    return Image.fromarray(rgba.astype(np.uint8), "RGBA")


def save_still(path: Path) -> None:
    cut_out().save(path, lossless=True, exact=True)


def save_palette(path: Path) -> None:
    cut_out().quantize(8).save(path)


def save_moving(path: Path) -> None:
    cut_out().save(path, save_all=True, append_images=[cut_out()] * 2, duration=40, lossless=True, exact=True)


def save_video(path: Path) -> None:
    codec, pixels = {
        ".webm": ("libvpx-vp9", "yuva420p"),
        ".mov": ("prores_ks", "yuva444p10le"),
    }[path.suffix]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={"lossless": "1"} if codec == "libvpx-vp9" else None)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 96, 64, pixels
        if path.suffix == ".webm":
            stream.metadata["alpha_mode"] = "1"
        for number in range(3):
            frame = VideoFrame.from_ndarray(np.asarray(cut_out()), "rgba").reformat(format=pixels)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("still.png", save_still),
        ("still.webp", save_still),
        ("still.gif", save_still),
        ("palette.png", save_palette),
        ("moving.webp", save_moving),
        ("moving.png", save_moving),
        ("moving.gif", save_moving),
        ("video.webm", save_video),
        ("video.mov", save_video),
    ],
)
def test_what_is_transparent_lies_on_white_and_is_told(tmp_path: Path, name: str, save: Callable[[Path], None]) -> None:
    path = tmp_path / name
    save(path)
    assert accepted(path) == (96, 64)
    with VideoReader(path) as reader:
        assert reader.info.transparent
        frames = [to_rgb(frame) for frame in reader]
    for rgb in frames:
        assert np.abs(rgb[4, 4].astype(int) - WHITE).max() <= 4
        assert np.abs(rgb[32, 48].astype(int) - GREEN).max() <= 12


@pytest.mark.parametrize("name", ["whole.png", "whole.webp", "whole.gif"])
def test_what_could_be_transparent_and_is_not_is_not_told(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    photo().convert("RGBA").save(path, lossless=True)
    with VideoReader(path) as reader:
        assert not reader.info.transparent
        assert near(to_rgb(next(iter(reader))), picture(0, 96, 64))


def test_a_fourth_channel_that_nobody_filled_in_hides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "screen.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("rawvideo", rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "bgra"
        rgba = np.dstack([picture(0, 96, 64), np.zeros((64, 96), np.uint8)])
        container.mux(stream.encode(VideoFrame.from_ndarray(rgba, "rgba").reformat(format="bgra")))
        container.mux(stream.encode(None))
    with VideoReader(path) as reader:
        assert not reader.info.transparent
        assert near(to_rgb(next(iter(reader))), picture(0, 96, 64))


def test_an_odd_photo_loses_a_line_and_stays_sharp(tmp_path: Path) -> None:
    checks = np.indices((65, 97)).sum(axis=0) % 2 * 255
    Image.fromarray(checks.astype(np.uint8)).convert("RGB").save(tmp_path / "odd.png")
    with VideoReader(tmp_path / "odd.png") as reader:
        (frame,) = reader
    assert (frame.width, frame.height) == (96, 64)
    assert np.abs(frame.y.astype(int) - np.where(checks[:64, :96], 235, 16)).max() <= 2
