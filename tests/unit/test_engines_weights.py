"""Model files: read without running them, and one clear error that names the file."""

import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.weights.folder import ModelFolder, engine_folder

NAME = "nets/net.pth"


class Bomb:
    """What a hostile checkpoint does when a plain pickle opens it."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.proof),)


@pytest.fixture
def folder(tmp_path: Path) -> ModelFolder:
    folder = engine_folder(Settings(data_dir=tmp_path / "data").models, "engine")
    (folder.root / "nets").mkdir(parents=True)
    torch.save(nn.Linear(300, 200).state_dict(), folder.root / NAME)
    return folder


def refusal(work: Callable[[], object]) -> HeygemError:
    with pytest.raises(HeygemError) as caught:
        work()
    return caught.value


def filled(folder: ModelFolder, name: str = NAME) -> nn.Module:
    with torch.device("meta"):
        module = nn.Linear(300, 200)
    folder.fill(module, folder.read(name), name)
    return module


def test_models_lie_in_the_data_folder_unless_a_setting_says_where(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).models == tmp_path / "models"
    assert Settings(data_dir=tmp_path, models_dir=tmp_path / "big disk").models == tmp_path / "big disk"


def test_weights_reach_a_module_that_had_no_memory(folder: ModelFolder) -> None:
    module = filled(folder)
    wanted = torch.load(folder.root / NAME, weights_only=True)
    assert all(torch.equal(value, wanted[name]) for name, value in module.state_dict().items())
    assert not any(parameter.requires_grad for parameter in module.parameters())


def test_a_missing_file_is_named_without_the_machine_s_paths(folder: ModelFolder) -> None:
    assert folder.missing([NAME, "nets/other.bin"]) == "engine/nets/other.bin"
    assert folder.missing([NAME]) is None
    error = refusal(lambda: folder.read("nets/other.bin"))
    assert (error.code, dict(error.params)) == (ErrorCode.WEIGHTS_MISSING, {"file": "engine/nets/other.bin"})


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100_000])


def cut_off_old(path: Path) -> None:
    torch.save({"weight": torch.zeros(300, 300)}, path, _use_new_zipfile_serialization=False)
    cut_off(path)


def flip_the_index(path: Path) -> None:
    """Bytes of the pickle inside the zip, not of its frame."""
    data = bytearray(path.read_bytes())
    at = data.index(b"_rebuild_tensor_v2")
    data[at : at + 4] = b"\xff\xfe\xfd\xfc"
    path.write_bytes(data)


def not_numbers(path: Path) -> None:
    torch.save({"weight": torch.full((200, 300), float("nan")), "bias": torch.zeros(200)}, path)


@pytest.mark.parametrize(
    "damage",
    [
        cut_off,
        cut_off_old,
        not_numbers,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("<html>404</html>"),
        lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3400000000\n"),
    ],
    ids=["cut off", "cut off, old format", "NaN", "empty", "web page", "git lfs pointer"],
)
def test_a_broken_file_is_named(folder: ModelFolder, damage: Callable[[Path], object]) -> None:
    damage(folder.root / NAME)
    error = refusal(lambda: filled(folder))
    assert (error.code, dict(error.params)) == (ErrorCode.WEIGHTS_BROKEN, {"file": f"engine/{NAME}"})


def test_a_damaged_index_is_refused(folder: ModelFolder) -> None:
    flip_the_index(folder.root / NAME)
    assert refusal(lambda: filled(folder)).code in (ErrorCode.WEIGHTS_BROKEN, ErrorCode.WEIGHTS_UNSAFE)


@pytest.mark.parametrize("save", [torch.save, lambda value, path: path.write_bytes(pickle.dumps(value, protocol=2))])
def test_a_file_that_would_run_a_program_does_not(
    folder: ModelFolder, tmp_path: Path, save: Callable[[object, Path], object]
) -> None:
    save({"weight": Bomb(tmp_path / "ran")}, folder.root / NAME)
    error = refusal(lambda: filled(folder))
    assert (error.code, dict(error.params)) == (ErrorCode.WEIGHTS_UNSAFE, {"file": f"engine/{NAME}"})
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ({"weight": torch.zeros(200, 301), "bias": torch.zeros(200)}, "weight"),
        ({"weight": torch.zeros(200, 300)}, "bias"),
        ({"weight": torch.zeros(200, 300), "bias": torch.zeros(200), "more": torch.zeros(1)}, "more"),
        ({"weight": "a word", "bias": torch.zeros(200)}, "weight"),
        ({"weight": torch.zeros(200, 300, dtype=torch.int8), "bias": torch.zeros(200)}, "weight"),
        ([1, 2], "list"),
    ],
)
def test_weights_of_something_else_are_refused_by_the_part_that_differs(
    folder: ModelFolder, content: object, part: str
) -> None:
    torch.save(content, folder.root / NAME)
    error = refusal(lambda: filled(folder))
    assert (error.code, dict(error.params)) == (ErrorCode.WEIGHTS_MISFIT, {"file": f"engine/{NAME}", "part": part})


def test_safetensors_beside_a_pickle_are_read_instead(folder: ModelFolder) -> None:
    safe = {name: value + 1 for name, value in folder.read(NAME).items()}
    save_file(safe, folder.root / "nets/net.safetensors")
    (folder.root / NAME).unlink()
    assert folder.missing([NAME]) is None
    assert torch.equal(filled(folder).state_dict()["weight"], safe["weight"])
    cut_off(folder.root / "nets/net.safetensors")
    assert refusal(lambda: filled(folder)).code is ErrorCode.WEIGHTS_BROKEN


def test_a_safetensors_header_that_claims_the_world_is_broken(folder: ModelFolder) -> None:
    (folder.root / "nets/net.safetensors").write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    assert refusal(lambda: filled(folder)).code is ErrorCode.WEIGHTS_BROKEN


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "\xff", "[" * 100_000])
def test_a_broken_description_is_named(folder: ModelFolder, text: str) -> None:
    (folder.root / "config.json").write_bytes(text.encode("latin-1"))
    error = refusal(lambda: folder.json("config.json"))
    assert (error.code, dict(error.params)) == (ErrorCode.WEIGHTS_BROKEN, {"file": "engine/config.json"})


def test_a_fingerprint_follows_the_content(folder: ModelFolder) -> None:
    before = folder.fingerprint(NAME)
    assert folder.fingerprint(NAME) == before
    cut_off(folder.root / NAME)
    assert folder.fingerprint(NAME) != before
