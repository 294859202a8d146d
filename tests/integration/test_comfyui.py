"""The ComfyUI nodes in a stand-in of ComfyUI's interface, with the embedded engine on a real face."""

import ast
import importlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from heygem.base.settings import load_settings
from heygem.cli.portrait import Shot, film
from tests.media import make_video, sound_of, tone

torch = pytest.importorskip("torch")

FAKES = Path(__file__).parents[1] / "fakes"
SHOT = Shot("Anna.mp4", (320, 320), 25, 1.0, (222, 130), (1.6, 1.7), 1.0, False, (1.0, 1.0, 1.0))
SECONDS, RATE = 1.2, 44_100


class Comfy:
    """A ComfyUI that has loaded the pack."""

    def __init__(self, nodes: dict[str, Any], run: Any, api: Any) -> None:
        self.nodes, self._run, self._api = nodes, run, api

    async def run(self, node: str, **values: Any) -> Any:
        self._api.ComfyAPI.shown.clear()
        return await self._run(self.nodes[node], **values)

    @property
    def shown(self) -> list[tuple[float, float]]:
        shown: list[tuple[float, float]] = self._api.ComfyAPI.shown
        return shown

    def video(self, path: Path) -> Any:
        return self._api.InputImpl.VideoFromFile(str(path))


@pytest.fixture
async def comfy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Comfy]:
    monkeypatch.syspath_prepend(str(FAKES))
    monkeypatch.setenv("HEYGEM_DATA_DIR", str(tmp_path / "data"))
    load_settings.cache_clear()
    runner, api = importlib.import_module("comfy_api.runner"), importlib.import_module("comfy_api.latest")
    pack = importlib.import_module("heygem.comfyui")
    yield Comfy(await runner.load(pack), runner.run, api)
    load_settings.cache_clear()
    for name in [
        name for name in sys.modules if name.split(".")[0] == "comfy_api" or name.startswith("heygem.comfyui")
    ]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def anna(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("comfyui") / SHOT.name
    film(SHOT, path)
    return path


def voice(channels: int = 2) -> dict[str, Any]:
    """A batch of one, as ComfyUI's nodes pass it on."""
    return {"waveform": torch.from_numpy(tone(SECONDS, RATE, channels))[None], "sample_rate": RATE}


def frames(video: Any) -> int:
    with av.open(video.get_stream_source(), "r") as container:
        return len(list(container.decode(video=0)))


def test_the_pack_imports_only_the_core_and_comfyuis_interface() -> None:
    for path in (Path(__file__).parents[2] / "heygem" / "comfyui").glob("*.py"):
        tree = ast.parse(path.read_text())
        names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        roots = {name.split(".")[0] for name in names} - sys.stdlib_module_names
        assert roots <= {"heygem", "comfy_api", "numpy"}, path


async def test_a_voice_and_a_template_become_a_video_with_the_voices_sound(
    comfy: Comfy, anna: Path, tmp_path: Path
) -> None:
    (video,) = await comfy.run("HeyGemLipSync", voice=voice(), template=comfy.video(anna), engine="mesh")

    assert frames(video) == 30
    video.save_to(str(tmp_path / "o.mp4"))
    rate, sound = sound_of(tmp_path / "o.mp4")
    assert (rate, len(sound)) == (RATE, 2)
    assert sound.shape[1] / rate == pytest.approx(SECONDS, abs=0.05)
    values = [value for value, _ in comfy.shown]
    assert values == sorted(values)
    assert values[-1] == 1000


async def test_many_templates_become_a_list_and_a_broken_one_costs_the_others_nothing(
    comfy: Comfy, anna: Path, tmp_path: Path
) -> None:
    empty = make_video(tmp_path / "nobody.mp4", 0.4, size=(160, 120))
    templates = [comfy.video(path) for path in (anna, empty, anna)]
    videos, failures = await comfy.run("HeyGemBatch", voice=[voice(1)], template=templates, engine=["mesh"])

    assert [frames(video) for video in videos] == [30, 30]
    assert failures.startswith("2: No face was found")
    assert comfy.shown[-1] == (1000, 1000)


async def test_each_template_may_have_its_own_voice(comfy: Comfy, anna: Path) -> None:
    short = {"waveform": voice()["waveform"][:, :, : RATE * 3 // 5], "sample_rate": RATE}
    videos, _ = await comfy.run(
        "HeyGemBatch", voice=[voice(), short], template=[comfy.video(anna)] * 2, engine=["mesh"]
    )
    assert [frames(video) for video in videos] == [30, 15]
    with pytest.raises(ValueError, match="2 voices do not fit 3 templates"):
        await comfy.run("HeyGemBatch", voice=[voice()] * 2, template=[comfy.video(anna)] * 3, engine=["mesh"])


async def test_a_failure_is_our_sentence(comfy: Comfy, anna: Path) -> None:
    silent = {"waveform": torch.zeros(1, 1, RATE), "sample_rate": RATE}
    with pytest.raises(RuntimeError, match="is silent"):
        await comfy.run("HeyGemLipSync", voice=silent, template=comfy.video(anna), engine="mesh")


async def test_a_misspelt_setting_is_our_sentence(comfy: Comfy, anna: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEM_LANGAUGE", "zh")
    with pytest.raises(RuntimeError, match=r"^The setting HEYGEM_LANGAUGE is not valid: "):
        await comfy.run("HeyGemLipSync", voice=voice(), template=comfy.video(anna), engine="mesh")


async def test_subtitles_that_nobody_can_word_are_refused_before_any_work(comfy: Comfy, anna: Path) -> None:
    with pytest.raises(RuntimeError, match="Subtitles “burned” need the words"):
        await comfy.run(
            "HeyGemLipSync",
            voice=voice(),
            template=comfy.video(anna),
            engine="mesh",
            subtitles="burned",
            transcript=" ",
        )
    with pytest.raises(RuntimeError, match="Subtitles “burned” need the words"):
        await comfy.run(
            "HeyGemBatch", voice=[voice()], template=[comfy.video(anna)] * 2, engine=["mesh"], subtitles=["burned"]
        )


async def test_an_interrupted_prompt_stops_the_render(
    comfy: Comfy, anna: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, module = type(sys)("comfy"), type(sys)("comfy.model_management")

    class StoppedError(Exception):
        pass

    def throw() -> None:
        raise StoppedError

    vars(module).update(processing_interrupted=lambda: True, throw_exception_if_processing_interrupted=throw)
    monkeypatch.setitem(sys.modules, "comfy", package)
    monkeypatch.setitem(sys.modules, "comfy.model_management", module)
    with pytest.raises(StoppedError):
        await comfy.run("HeyGemLipSync", voice=voice(), template=comfy.video(anna), engine="mesh")


async def test_sound_beyond_full_scale_is_clipped_not_wrapped(comfy: Comfy, anna: Path, tmp_path: Path) -> None:
    loud = {"waveform": voice(1)["waveform"] * 20, "sample_rate": RATE}
    (video,) = await comfy.run("HeyGemLipSync", voice=loud, template=comfy.video(anna), engine="mesh")
    video.save_to(str(tmp_path / "o.mp4"))
    _, sound = sound_of(tmp_path / "o.mp4")
    expected = np.clip(loud["waveform"][0, 0].numpy(), -1, 1)[2000:40_000]
    assert np.corrcoef(sound[0][2000:40_000], expected)[0, 1] > 0.9
