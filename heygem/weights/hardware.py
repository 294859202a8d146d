"""Whether this machine has a GPU, without loading torch."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_HIDDEN = ("", "-1", "NoDevFiles")  # values of CUDA_VISIBLE_DEVICES that hide them all


def gpu_present() -> bool:
    """Whether a GPU that torch could use seems to be here: NVIDIA's device files, WSL's, or Apple's chip."""
    if platform.system() == "Darwin":
        return platform.machine() == "arm64"
    if _torch_for_cpus():
        return False
    if os.environ.get("CUDA_VISIBLE_DEVICES", "all").strip() in _HIDDEN:
        return False
    return any(Path("/dev").glob("nvidia[0-9]*")) or Path("/dev/dxg").exists()


def _torch_for_cpus() -> bool:
    try:
        return version("torch").endswith("+cpu")
    except PackageNotFoundError:
        return False
