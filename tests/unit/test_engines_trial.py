"""Whether an engine that is called ready is: tried on a made face, with every way in which a machine fails."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.engines import candidates
from heygem.engines.base import Engine, RenderJob
from heygem.engines.mannequin import SECONDS
from heygem.engines.trial import trial_files, try_engine
from heygem.media.examine import examine


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


class Broken:
    """An engine that does `act` instead of rendering."""

    name = "mesh"
    recipe = "broken-1"

    def __init__(self, act: Callable[[RenderJob], None]) -> None:
        self.render = act


def raising(error: Exception) -> Callable[[RenderJob], None]:
    def act(_: RenderJob) -> None:
        raise error

    return act


def full(_: Path) -> None:
    raise OSError(errno.ENOSPC, "no space left on device")


def half_a_video(job: RenderJob) -> None:
    job.output.write_bytes(job.template.read_bytes()[:3000])


def another_length(job: RenderJob) -> None:
    job.template.replace(job.output)


def test_the_embedded_engine_moves_the_made_face_and_leaves_nothing_behind(here: Settings) -> None:
    try_engine(here, "mesh")
    assert list((here.data_dir / "work").iterdir()) == []


def test_the_made_files_are_a_voice_and_a_template_like_anybodys(here: Settings, tmp_path: Path) -> None:
    voice, template = trial_files(tmp_path)
    heard, seen = (examine(path, path.name, here.limits) for path in (voice, template))
    assert heard.duration_s == pytest.approx(SECONDS)
    assert seen.video is not None


@pytest.mark.parametrize(
    ("act", "code", "params"),
    [
        (raising(HeygemError(ErrorCode.NO_FACE, name="trial.mp4")), ErrorCode.ENGINE_FAILED, {"engine": "mesh"}),
        (raising(KeyError("layer")), ErrorCode.ENGINE_FAILED, {"engine": "mesh"}),
        (half_a_video, ErrorCode.ENGINE_FAILED, {"engine": "mesh"}),
        (another_length, ErrorCode.ENGINE_FAILED, {"engine": "mesh"}),
        (raising(MemoryError()), ErrorCode.OUT_OF_MEMORY, {}),
        (
            raising(ImportError("libGL.so.1: cannot open shared object file: No such file", name="cv2")),
            ErrorCode.ENGINE_UNAVAILABLE,
            {"engine": "mesh", "missing": "libGL.so.1"},
        ),
        (
            raising(ModuleNotFoundError("No module named 'ai_edge_litert'", name="ai_edge_litert")),
            ErrorCode.ENGINE_UNAVAILABLE,
            {"engine": "mesh", "missing": "ai_edge_litert"},
        ),
        (
            raising(RuntimeError("CUDA error: an illegal memory access was encountered")),
            ErrorCode.ENGINE_UNAVAILABLE,
            {"engine": "mesh", "missing": "GPU"},
        ),
        (raising(RuntimeError("CUDA error: out of memory")), ErrorCode.OUT_OF_MEMORY, {}),
        (raising(OSError(errno.EROFS, "read-only")), ErrorCode.NO_ACCESS, {"name": "data_dir"}),
        (raising(OSError(errno.EIO, "input/output error")), ErrorCode.INTERNAL, {}),
        (
            raising(HeygemError(ErrorCode.WEIGHTS_BROKEN, file="musetalk/unet.pth")),
            ErrorCode.WEIGHTS_BROKEN,
            {"file": "musetalk/unet.pth"},
        ),
    ],
)
def test_what_stops_a_trial_is_never_blamed_on_the_made_files(
    here: Settings,
    act: Callable[[RenderJob], None],
    code: ErrorCode,
    params: dict[str, str],
) -> None:
    with pytest.raises(HeygemError) as caught:
        try_engine(here, "mesh", lambda *_: cast("Engine", Broken(act)))
    assert (caught.value.code, caught.value.params) == (code, params)
    assert list((here.data_dir / "work").iterdir()) == []


def test_a_full_disk_and_a_data_folder_that_takes_nothing_are_told(
    here: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HeygemError) as caught:
        try_engine(Settings(data_dir=tmp_path / "file" / "data"), "mesh")
    assert caught.value.code is ErrorCode.NO_ACCESS

    monkeypatch.setattr("heygem.engines.mannequin.record", full)
    with pytest.raises(HeygemError) as caught:
        try_engine(here, "mesh")
    assert (caught.value.code, caught.value.params["needed_mb"]) == (ErrorCode.DISK_FULL, 1)


def test_the_command_prints_one_line_whatever_happens(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "heygem.engines.trial", "vocoder"]
    environment = os.environ | {"HEYGEM_DATA_DIR": str(tmp_path)}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    told = json.loads(said)
    assert (told["engine"], told["ok"], told["code"]) == ("vocoder", False, "engine_unknown")
    assert said.count("\n") == 1


def test_what_a_machine_may_claim_is_concrete_and_lacks_nothing() -> None:
    assert candidates(Settings()) == ["mesh"]
