"""How to get what an engine lacks: the command, where there is one."""

from collections.abc import Mapping

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import explain_error
from heygem.weights.manifest import FILES

_EXTRAS: Mapping[str, str] = {"mesh": "mesh", "musetalk": "mesh,gpu", "latentsync": "mesh,gpu"}
# Which Debian packages have a library that others are linked with. OpenCV wants the first two together.
_OPENCV = "libgl1 libglib2.0-0"
_LIBRARIES: Mapping[str, str] = {
    "libGL.so.1": _OPENCV,
    "libgthread-2.0.so.0": _OPENCV,
    "libglib-2.0.so.0": _OPENCV,
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
    "libSM.so.6": "libsm6",
    "libXext.so.6": "libxext6",
    "libgomp.so.1": "libgomp1",
}
SERVER = "apt-get install redis-server, or valkey-server; or make install in the checkout, which may have one to fetch"
_MADE = "it stops on a made face and voice; data_dir/logs/heygem.log has the details"


def install(extra: str) -> str:
    return f"in the checkout: pip install -e '.[{extra}]'"


def remedy(engine: str, missing: str) -> str:
    """Where an engine says what it lacks."""
    if engine == "duix":
        return f"{missing}: docs/engines.md says how to name a service"
    folder, _, file = missing.partition("/")
    if file and folder in FILES:  # a package has no folder
        return f"{missing}: heygem models pull {folder}"
    return _package(engine, missing)


def cure(engine: str, error: HeygemError) -> str:
    """Where an engine failed when it was tried."""
    missing = str(error.params.get("missing", ""))
    if error.code is ErrorCode.ENGINE_FAILED:
        return _MADE
    if error.code is not ErrorCode.ENGINE_UNAVAILABLE:
        return explain_error(error, door="local")
    if missing == "GPU":
        return "its GPU or the driver can't be used: nvidia-smi says more"
    if ".so" in missing:
        package = _LIBRARIES.get(missing)
        return f"{missing} is missing: " + (f"apt-get install {package}" if package else "install what has it")
    return _package(engine, f"{missing} is missing")


def _package(engine: str, missing: str) -> str:
    return f"{missing}: {install(_EXTRAS[engine])}" if engine in _EXTRAS else missing
