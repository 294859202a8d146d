"""Model files on disk: where they lie, whether they are there, and reading them without running what is in them.

Every engine has one folder under the setting `models_dir`, laid out as its makers publish it. Nothing here downloads.
torch is imported only when a file is read.
"""

import hashlib
import json
import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.wheels import SHARED

if TYPE_CHECKING:
    from torch import Tensor, nn

MESH = "mesh"
_BLOCK = 1 << 22
_REFUSED = ("unsupported global", "unsupported class")  # what torch says of a pickle that names code


@dataclass(frozen=True)
class ModelFolder:
    """One engine's files. Names are relative, with slashes: "musetalkV15/unet.pth"; errors tell them by `label`.

    Where a file of the same name but with the ending `.safetensors` lies beside a pickle, it is read instead.
    """

    root: Path

    def label(self, name: str) -> str:
        """The file as people are told about it: no path of the machine beyond the engine's folder."""
        return f"{self.root.name}/{name}"

    def missing(self, names: Iterable[str]) -> str | None:
        """The first file that is not there, by its label; None if all are."""
        return next((self.label(name) for name in names if not self._find(name).is_file()), None)

    def path(self, name: str) -> Path:
        """Raises WEIGHTS_MISSING."""
        path = self._find(name)
        if not path.is_file():
            raise HeygemError(ErrorCode.WEIGHTS_MISSING, file=self.label(name))
        return path

    def checked(self, name: str, sha256: str | None) -> bytes:
        """The bytes of a file that has this sum. Raises WEIGHTS_MISSING, WEIGHTS_BROKEN."""
        content = self.path(name).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise HeygemError(ErrorCode.WEIGHTS_BROKEN, file=self.label(name))
        return content

    def json(self, name: str) -> dict[str, Any]:
        """A JSON object. Raises WEIGHTS_MISSING, WEIGHTS_BROKEN."""
        try:
            found = json.loads(self.path(name).read_bytes())
        except (ValueError, RecursionError, OSError) as error:
            raise HeygemError(ErrorCode.WEIGHTS_BROKEN, file=self.label(name)) from error
        if not isinstance(found, dict):
            raise HeygemError(ErrorCode.WEIGHTS_BROKEN, file=self.label(name))
        return found

    def read(self, name: str) -> dict[str, Any]:
        """What a checkpoint holds, on the CPU: a mapping of tensors, or one with such mappings inside.

        Raises:
            HeygemError: WEIGHTS_MISSING, WEIGHTS_BROKEN, WEIGHTS_UNSAFE if it would have run code,
                OUT_OF_MEMORY.
        """
        path = self.path(name)
        try:
            found = _read(path)
        except MemoryError as error:
            raise HeygemError(ErrorCode.OUT_OF_MEMORY) from error
        except Exception as error:  # the readers raise what the bytes make them raise
            raise HeygemError(_code(error), file=self.label(name)) from error
        if not isinstance(found, dict):
            raise self.misfit(name, type(found).__name__)
        return found

    def fill(self, module: "nn.Module", state: Mapping[str, Any], name: str) -> None:
        """Put a checkpoint's tensors into a module (which may be on the meta device), each exactly once.

        Raises:
            HeygemError: WEIGHTS_MISFIT naming the first tensor that is missing, unknown, or of another shape;
                WEIGHTS_BROKEN where one holds no numbers.
        """
        if wrong := _first_wrong(module.state_dict(), state):
            raise self.misfit(name, wrong)
        if not all(bool(tensor.isfinite().all()) for tensor in state.values()):
            raise HeygemError(ErrorCode.WEIGHTS_BROKEN, file=self.label(name))
        module.load_state_dict(state, strict=True, assign=True)
        module.requires_grad_(False).eval()

    def misfit(self, name: str, part: str) -> HeygemError:
        """The error for a file that can be read but is not what the engine needs; `part` is what differs."""
        return HeygemError(ErrorCode.WEIGHTS_MISFIT, file=self.label(name), part=part)

    def fingerprint(self, *names: str) -> str:
        """Changes whenever one of the files does. Raises WEIGHTS_MISSING."""
        whole = hashlib.sha256()
        for name in names:
            path = self.path(name)
            stat = path.stat()
            whole.update(_sha256(path, stat.st_size, stat.st_mtime_ns))
        return whole.hexdigest()[:16]

    def _find(self, name: str) -> Path:
        path = self.root / name
        safe = path.with_suffix(".safetensors")
        return safe if path.suffix in (".bin", ".pth", ".pt", ".ckpt") and safe.is_file() else path


def engine_folder(models: Path, engine: str) -> ModelFolder:
    """The folder of an engine under `Settings.models`."""
    return mesh_folder() if engine == MESH else ModelFolder(models / engine)


def mesh_folder() -> ModelFolder:
    """What looks at faces and hears phones: a few megabytes with the installation, wherever large models lie."""
    return ModelFolder(SHARED / MESH)


def _read(path: Path) -> Any:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)


def _code(error: Exception) -> ErrorCode:
    if isinstance(error, pickle.UnpicklingError) and any(words in str(error).lower() for words in _REFUSED):
        return ErrorCode.WEIGHTS_UNSAFE
    return ErrorCode.WEIGHTS_BROKEN


def _first_wrong(wanted: "Mapping[str, Tensor]", state: Mapping[str, Any]) -> str | None:
    import torch

    for name, tensor in wanted.items():
        given = state.get(name)
        if not isinstance(given, torch.Tensor) or given.shape != tensor.shape or given.dtype.is_complex:
            return name
        if given.is_floating_point() != tensor.is_floating_point():
            return name
    return next((str(name) for name in state if name not in wanted), None)


@cache
def _sha256(path: Path, size: int, changed: int) -> bytes:  # noqa: ARG001 (part of the key)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.digest()
