"""What "auto" means where model files are, with a GPU and without one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from heygem.engines.musetalk.files import FILES
from heygem.weights.hardware import gpu_present


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / "models" / "musetalk" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "models"


def said(models: Path, code: str, *, gpu: bool) -> str:
    """What a fresh process prints, on a machine with or without a GPU."""
    setup = f"import heygem.engines as e; e.gpu_present = lambda: {gpu}\nfrom heygem.base.errors import HeygemError\n"
    setup += "from heygem.base.settings import load_settings\ns = load_settings()\n"
    environment = os.environ | {"HEYGEM_MODELS_DIR": str(models), "HEYGEM_CONFIG": os.devnull}
    command = [sys.executable, "-c", setup + code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_with_a_gpu_the_best_engine_with_files_is_chosen(models: Path) -> None:
    assert said(models, "print(e.best(s))", gpu=True) == "musetalk"


def test_without_a_gpu_a_slow_engine_is_not_chosen_but_can_be_named(models: Path) -> None:
    code = "print(e.best(s), dict(e.available(s))['musetalk'], e.create('musetalk', s).name)"
    assert said(models, code, gpu=False) == "mesh None musetalk"


def test_a_missing_file_is_named_where_the_engine_is_asked_for(models: Path) -> None:
    (models / "musetalk" / FILES[1]).unlink()
    code = "print(e.best(s))\ntry: e.create('musetalk', s)\nexcept HeygemError as error: print(error)"
    missing = f"{{'engine': 'musetalk', 'missing': 'musetalk/{FILES[1]}'}}"
    assert said(models, code, gpu=True) == f"mesh\nengine_unavailable {missing}"


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_a_hidden_gpu_is_none(monkeypatch: pytest.MonkeyPatch, hidden: str) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    assert not gpu_present()
