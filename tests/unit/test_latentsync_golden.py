"""Every stage against upstream's own numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from heygem.engines.latentsync import audio
from heygem.engines.latentsync.align import Aligner, Crop, crop_face
from heygem.engines.latentsync.ddim import Schedule
from heygem.engines.latentsync.denoise import Sampler, predict
from heygem.engines.latentsync.mask import read_mask
from heygem.engines.latentsync.models import Models, load
from heygem.engines.latentsync.restore import keep_surroundings, lay, to_pixels
from heygem.engines.latentsync.speak import Rooms, speak
from heygem.weights.device import Compute, Room
from heygem.weights.folder import ModelFolder
from tests.golden import assert_pictures_equal, golden_arrays, golden_folder, largest

CPU = Compute(torch.device("cpu"), torch.float32)
SIZE = (480, 360)

AUDIO, LATENTS, NETWORK, STEPS = 5e-4, 5e-4, 1e-3, 2e-3  # as far as a port may be off


# Of insightface's 106 points.
LEFT_BROW, RIGHT_BROW, NOSE = [43, 48, 49, 51, 50], [101, 102, 103, 104, 105], [74, 77, 83, 86]


def points_of_106(landmarks: npt.NDArray[Any]) -> npt.NDArray[np.floating[Any]]:
    """Upstream's three points, in whole pixels, from insightface's 106 landmarks (106, 2)."""
    return np.round([landmarks[part].mean(axis=0) for part in (LEFT_BROW, RIGHT_BROW, NOSE)])


def chunk_count(feature_count: int) -> int:
    """How many windows upstream makes: some reach past the end."""
    return feature_count // 2 + 2


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def folder() -> Path:
    return golden_folder("latentsync")


@pytest.fixture(scope="module")
def models(folder: Path) -> Models:
    return load(folder, CPU)


def conditions(folder: Path) -> Tensor:
    given = golden_arrays(folder, "golden_prepare")
    parts = (given["mask_latents"][:1], given["masked_image_latents"], given["ref_latents"])
    return torch.from_numpy(np.concatenate(parts, axis=1))


def chunks(folder: Path) -> Tensor:
    return torch.from_numpy(golden_arrays(folder, "golden_audio")["chunks"])


def channels_last(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(pictures.transpose(0, 2, 3, 1))


def test_the_network_hears_what_upstream_hears(folder: Path, models: Models) -> None:
    golden = golden_arrays(folder, "golden_audio")
    spectrogram = audio.log_mel(golden["wav_int16"].astype(np.float32) / np.float32(32768))
    assert largest(spectrogram.numpy(), golden["log_mel"]) <= AUDIO
    heard = torch.cat(list(audio.features(models.encoder, spectrogram))).numpy()
    assert largest(heard, golden["features"]) <= AUDIO
    frames = np.arange(chunk_count(len(heard)))
    assert np.array_equal(audio.window_index(frames, len(heard)), golden["window_index"])
    assert largest(audio.windows(heard, frames).numpy(), golden["chunks"]) <= AUDIO


def test_the_second_half_minute_is_measured_by_the_loudest_moment_of_all(folder: Path, models: Models) -> None:
    golden = golden_arrays(folder, "golden_audio_long")
    spectrogram = audio.log_mel(golden["wav_int16"].astype(np.float32) / np.float32(32768))
    heard = torch.cat(list(audio.features(models.encoder, spectrogram))).numpy()
    assert [len(heard), chunk_count(len(heard))] == [int(golden["n_features"]), int(golden["n_chunks"])]
    assert largest(audio.windows(heard, golden["frame_index"]).numpy(), golden["chunks"]) <= AUDIO


@pytest.mark.parametrize("resolution", [256, 512])
def test_faces_are_aligned_as_upstream_aligns_them(folder: Path, resolution: int) -> None:
    golden = golden_arrays(folder, "golden_affine")
    crop = Crop.of(resolution)
    assert (crop.width, crop.height) == tuple(golden[f"face_size_{resolution}"])
    aligner = Aligner(crop)
    for number, landmarks in enumerate(golden["landmarks106"]):
        points = points_of_106(landmarks)
        assert np.array_equal(points, golden["landmarks3"][number])
        matrix = aligner.matrix(points)
        assert largest(matrix, golden[f"matrix_{resolution}_fp32"][number]) <= 1e-3
        if number < len(golden[f"aligned_{resolution}"]):
            face = crop_face(golden["frames_rgb"][number], matrix, crop, resolution)
            assert_pictures_equal(face, golden[f"aligned_{resolution}"][number].transpose(1, 2, 0))


def test_without_smoothing_a_face_is_aligned_by_its_own_frame_alone(folder: Path) -> None:
    golden = golden_arrays(folder, "golden_affine")
    aligner = Aligner(Crop.of(256))
    for points, wanted in zip(golden["landmarks3"], golden["matrix_256_nosmooth"], strict=True):
        assert largest(aligner.matrix(points, smooth=False), wanted) <= 1e-3


@pytest.mark.parametrize("resolution", [256, 512])
def test_faces_come_back_where_they_were(folder: Path, resolution: int) -> None:
    golden = golden_arrays(folder, "golden_affine")
    crop = Crop.of(resolution)
    for number, face in enumerate(golden[f"altered_{resolution}"].astype(np.float32)):
        picture = golden["frames_rgb"][number]
        laid = lay(torch.from_numpy(face), golden[f"matrix_{resolution}_fp32"][number], crop, (0, 0, *SIZE))
        assert_pictures_equal(laid.over(picture), golden[f"restored_{resolution}"][number])
        assert np.array_equal(laid.over(picture)[laid.soft == 0], picture[laid.soft == 0])


def test_the_network_is_given_what_upstream_gives_it(folder: Path, models: Models) -> None:
    golden = golden_arrays(folder, "golden_prepare")
    pictures = models.pixels(channels_last(golden["faces_rgb"]))
    assert largest(models.mask.numpy(), golden["mask_image"][0]) == 0
    assert largest(pictures[0].numpy(), golden["ref_pixels_0"]) <= 1e-6
    assert largest(models.masked(pictures)[0].numpy(), golden["masked_pixels_0"]) <= 1e-6
    assert largest(models.conditions(pictures, Room(16)).numpy(), conditions(folder).numpy()) <= LATENTS


def test_our_own_mask_is_much_like_upstreams(folder: Path, tmp_path: Path) -> None:
    ours, upstreams = (read_mask(ModelFolder(root), 256) for root in (tmp_path, folder))
    assert set(np.unique(ours)) == {0, 1}
    assert (ours != upstreams).mean() < 0.01


def test_the_network_is_upstreams_network(folder: Path, models: Models) -> None:
    golden = golden_arrays(folder, "golden_unet")
    sound = chunks(folder)[golden["chunk_index"]]
    clip = torch.from_numpy(golden["unet_input"])
    found = predict(models.unet, clip, int(golden["timestep"]), sound, CPU, Room(2))
    assert largest(found.numpy(), golden["sample"]) <= NETWORK


def test_each_step_goes_where_upstreams_goes(folder: Path) -> None:
    golden = golden_arrays(folder, "golden_denoise")
    schedule = Schedule.of(len(golden["timesteps"])).steps
    assert [step.timestep for step in schedule] == golden["timesteps"].tolist()
    latents = torch.from_numpy(golden["noise"])
    for step, (silent, heard), wanted in zip(
        schedule, torch.from_numpy(golden["noise_pred_uncond_audio"]), golden["latents_after_step"], strict=True
    ):
        latents = step.apply(latents, silent + float(golden["guidance_scale"]) * (heard - silent))
        assert largest(latents.numpy(), wanted) <= 1e-4


def test_a_clip_ends_as_upstream_ends_it(folder: Path, models: Models) -> None:
    """From before its last step to its pictures; all steps of a shorter clip are taken below."""
    golden = golden_arrays(folder, "golden_denoise")
    last = Schedule.of(len(golden["timesteps"])).steps[-1]
    sound = chunks(folder)[golden["audio_chunks_index"]]
    before = torch.from_numpy(golden["latents_after_step"][-2])
    clip = torch.cat([before, conditions(folder)], dim=1)
    silent, heard = predict(models.unet, clip, last.timestep, sound, CPU, Room(2)).chunk(2)
    latents = last.apply(before, silent + float(golden["guidance_scale"]) * (heard - silent))
    assert largest(latents.numpy(), golden["latents_after_step"][-1]) <= STEPS
    decoded = models.decoded(latents, Room(16))
    assert largest(decoded[[0, 15]].numpy(), golden["decoded_frame_0_15"]) <= STEPS
    assert_pictures_equal(to_pixels(decoded), golden["decoded_uint8"])
    pictures = models.pixels(channels_last(golden_arrays(folder, "golden_prepare")["faces_rgb"]))
    combined = keep_surroundings(decoded, pictures, models.mask.float())
    assert largest(combined[[0, 15]].numpy(), golden["combined_frame_0_15"]) <= STEPS
    assert_pictures_equal(to_pixels(combined), golden["combined_uint8"])


def test_the_end_of_a_video_is_upstreams_end(folder: Path, models: Models) -> None:
    """The last clip of a video that runs forwards and backwards; every clip begins with the same noise."""
    golden = golden_arrays(folder, "golden_e2e")
    count, length = int(golden["n_audio_chunks_used"]), len(golden["video_rgb"])
    order = np.concatenate([np.arange(length), np.arange(length)[::-1]])[:count]
    aligner = Aligner(models.crop)
    matrices = np.stack([aligner.matrix(points_of_106(landmarks)) for landmarks in golden["landmarks106"]])[order]
    assert largest(matrices, golden["affine_matrices"]) <= 1e-3
    last = np.arange(count - count % 16, count)
    crops = [crop_face(golden["video_rgb"][order[i]], matrices[i], models.crop, models.resolution) for i in last]
    noise = torch.from_numpy(golden["noise"])
    made = speak(models, np.stack(crops), chunks(folder)[last], noise, Sampler(4, 1.5), Rooms.of(16))
    shown = 0
    for i, face in zip(last, made, strict=True):
        for at in np.flatnonzero(golden["frame_index"] == i):
            found = lay(face, matrices[i], models.crop, (0, 0, *SIZE)).over(golden["video_rgb"][order[i]])
            assert_pictures_equal(found, golden["output_rgb"][at])
            shown += 1
    assert shown
