"""Every stage of MuseTalk against vectors that were made with upstream's own code and random weights.

Another set, made the same way, is checked by naming the folder above `golden/musetalk` in HEYGEM_SHARED.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch

from heygem.engines.musetalk.boxes import blend_box, crop_box, face_box
from heygem.engines.musetalk.networks import SIDE, Networks, masked, networks, pixels
from heygem.engines.musetalk.voice import positions, window
from heygem.media.rgb import Box
from heygem.weights.device import Compute
from tests.golden import assert_pictures_equal, golden_arrays, golden_folder
from tests.upstream_blend import OFFLINE_BLUR, REALTIME_BLUR, blended, square_mask
from tests.upstream_parsing import Mode, parsing_mask

Arrays = dict[str, npt.NDArray[Any]]

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def folder() -> Path:
    return golden_folder("musetalk")


@pytest.fixture(scope="module")
def loaded(folder: Path) -> Networks:
    return networks(folder / "models", Compute(torch.device("cpu"), torch.float32))


@pytest.fixture(scope="module")
def arrays(folder: Path) -> Callable[[str], Arrays]:
    return lambda name: golden_arrays(folder, f"golden_{name}")


def assert_close(found: npt.NDArray[Any] | torch.Tensor, wanted: npt.NDArray[Any]) -> None:
    apart = np.abs(np.asarray(found, np.float64) - wanted)
    assert apart.shape == wanted.shape
    assert apart.max() < 1e-4
    assert apart.mean() < 5e-6


def waveform(numbers: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return numbers.astype(np.float32) / np.float32(32768)


def heard(loaded: Networks, numbers: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return torch.cat(list(loaded.whisper.pieces(waveform(numbers)))).numpy()


def as_pictures(faces: torch.Tensor) -> npt.NDArray[np.uint8]:
    """Faces (N, 3, H, W) of 0..1 as RGB pictures (N, H, W, 3)."""
    return (faces.float() * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()


def rgb(pictures: npt.NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(pictures[..., ::-1]))


def as_box(numbers: npt.NDArray[Any]) -> Box:
    left, top, right, bottom = map(int, numbers)
    return left, top, right, bottom


def test_a_voice_is_heard_as_upstream_hears_it(loaded: Networks, arrays: Callable[[str], Arrays]) -> None:
    wanted = arrays("audio")
    mel = loaded.whisper.log_mel(waveform(wanted["wav_int16"]))
    assert_close(mel[:, : wanted["log_mel"].shape[1]], wanted["log_mel"])
    states = heard(loaded, wanted["wav_int16"])
    assert_close(states, wanted["hidden_states"])
    windows = np.stack([window(states, frame) for frame in range(len(wanted["chunks"]))])
    assert_close(windows, wanted["chunks"])
    assert_close(positions(*wanted["pe_table"].shape), wanted["pe_table"])
    assert_close(loaded.heard(torch.from_numpy(windows[wanted["chunks_pe_index"]])), wanted["chunks_pe"])


def test_a_long_voice_is_heard_in_pieces_of_thirty_seconds(loaded: Networks, arrays: Callable[[str], Arrays]) -> None:
    wanted = arrays("audio_long")
    states = heard(loaded, wanted["wav_int16"])
    assert len(states) // 2 == wanted["n_frames"]
    assert_close(np.stack([window(states, int(frame)) for frame in wanted["frame_index"]]), wanted["chunks"])


def test_a_crop_becomes_upstream_s_latents(loaded: Networks, arrays: Callable[[str], Arrays]) -> None:
    wanted = arrays("latents")
    crops = rgb(wanted["crop_bgr"])
    assert_close(pixels(crops[:1]), wanted["pixel_ref_0"])
    assert_close(masked(pixels(crops[:1])), wanted["pixel_masked_0"])
    assert_close(loaded.latents(crops), wanted["latents"])


def test_a_face_is_made_as_upstream_makes_it(loaded: Networks, arrays: Callable[[str], Arrays]) -> None:
    chunks, wanted = arrays("audio")["chunks"], arrays("unet")
    windows = torch.from_numpy(chunks[wanted["audio_index"]])
    predicted = loaded.inpaint(torch.from_numpy(wanted["latents"]), windows)
    assert_close(predicted, wanted["pred_latents"])
    faces = loaded.vae.decode(predicted)
    assert_close(faces[0], wanted["decoded_rgb01_0"])
    assert_pictures_equal(as_pictures(faces)[..., ::-1], wanted["frames_bgr"])


def test_another_voice_or_another_moment_makes_another_face(loaded: Networks, arrays: Callable[[str], Arrays]) -> None:
    """Non-vacuity: what is compared above does depend on what is heard and when."""
    chunks, given = arrays("audio")["chunks"], arrays("unet")
    latents = torch.from_numpy(given["latents"][:1])
    one, other = (loaded.inpaint(latents, torch.from_numpy(chunks[k : k + 1])) for k in (3, len(chunks) // 2))
    assert (one - other).abs().mean() > 0.1 * one.std()


def test_boxes_are_upstream_s(arrays: Callable[[str], Arrays]) -> None:
    given = arrays("box")
    for case in np.flatnonzero(given["detector_found"]):
        points, otherwise = given["landmarks68"][case], as_box(given["detector_box"][case])
        box = face_box(points, otherwise)
        assert box == as_box(given["coords"][case])
        assert face_box(points, otherwise, shift=-7) == as_box(given["coords_bbox_shift_minus7"][case])
        height, margin = int(given["frame_hw"][0]), int(given["extra_margin"])
        assert crop_box(box, height, margin) == as_box(given["crop_box_v15"][case])


@pytest.mark.parametrize("mode", ["raw", "neck", "jaw"])
def test_parsing_masks_are_upstream_s(arrays: Callable[[str], Arrays], mode: Mode) -> None:
    given = arrays("blend")
    assert np.array_equal(parsing_mask(given["class_map"], mode), given[f"mask512_{mode}"])
    assert np.array_equal(parsing_mask(given["class_map"], "jaw", cheeks=80), given["mask512_jaw_cheek80"])


def test_blends_are_upstream_s(arrays: Callable[[str], Arrays]) -> None:
    given = arrays("blend")
    mask = parsing_mask(given["class_map"])
    for k, numbers in enumerate(given["face_boxes"]):
        box = as_box(numbers)
        face = cv2.resize(given["faces_bgr"][k], (box[2] - box[0], box[3] - box[1]))
        assert np.array_equal(face, given[f"resized_face_{k}"])
        soft = square_mask(mask, box, REALTIME_BLUR)
        assert np.array_equal(soft, given[f"rt_mask_{k}"])
        assert blend_box(box) == as_box(given[f"rt_crop_box_{k}"])
        assert np.array_equal(blended(given["frame_bgr"], face, box, soft), given["realtime_jaw"][k])
        offline = square_mask(mask, box, OFFLINE_BLUR)
        assert np.array_equal(blended(given["frame_bgr"], face, box, offline), given["offline_jaw"][k])
    raw = square_mask(parsing_mask(given["class_map"], "raw"), as_box(given["face_boxes"][0]), OFFLINE_BLUR)
    first = blended(given["frame_bgr"], given["resized_face_0"], as_box(given["face_boxes"][0]), raw)
    assert np.array_equal(first, given["offline_raw_0"])


def test_whole_frames_are_upstream_s(loaded: Networks, arrays: Callable[[str], Arrays]) -> None:
    given = arrays("e2e")
    frames, numbers = given["frames_bgr"], given["frame_index"][::3]
    states = heard(loaded, arrays("audio")["wav_int16"])
    mask = parsing_mask(given["class_map"])
    cycle = [*range(len(frames)), *reversed(range(len(frames)))]
    sources = [cycle[number % len(cycle)] for number in numbers]
    boxes = [crop_box(face_box(given["landmarks68"][k], (0, 0, 0, 0)), frames.shape[1]) for k in sources]
    crops = [
        cv2.resize(frames[k][top:bottom, left:right], (SIDE, SIDE), interpolation=cv2.INTER_LANCZOS4)
        for k, (left, top, right, bottom) in zip(sources, boxes, strict=True)
    ]
    windows = torch.from_numpy(np.stack([window(states, int(number)) for number in numbers]))
    faces = as_pictures(loaded.speak(loaded.latents(rgb(np.stack(crops))), windows))[..., ::-1]
    made = [
        blended(
            frames[k], cv2.resize(face, (box[2] - box[0], box[3] - box[1])), box, square_mask(mask, box, OFFLINE_BLUR)
        )
        for k, face, box in zip(sources, faces, boxes, strict=True)
    ]
    assert_pictures_equal(np.stack(made), given["output_bgr"][::3])
