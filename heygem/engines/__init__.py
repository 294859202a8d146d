"""The engines by name. Ours are named here and imported when made; others join by the entry point group
`heygem.engines`: name = "package.module:factory", a callable without arguments that returns an `Engine`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.engines.base import Engine
from heygem.engines.failure import lacking
from heygem.weights.folder import MESH, mesh_folder
from heygem.weights.hardware import gpu_present
from heygem.weights.manifest import FILES

AUTO = "auto"
GROUP = "heygem.engines"


@dataclass(frozen=True)
class _Own:
    """`lacks` is "module:function" of what says, without importing anything heavy, what else is missing here.

    An engine that can lack something is made with the settings, which say where that is. `ignores` are the options that
    mean nothing to it.
    """

    module: str
    factory: str
    needs: tuple[str, ...]  # modules, looked for but not imported
    lacks: str = ""
    slow_without_gpu: bool = False
    ignores: tuple[str, ...] = ()

    def missing(self, settings: Settings) -> str | None:
        absent = ", ".join(need for need in self.needs if find_spec(need) is None)
        return absent or self._blind() or (self._lacking(settings) if self.lacks else None)

    def _blind(self) -> str | None:
        """The first file that is missing of those that look at faces and hear phones, if it needs them."""
        return mesh_folder().missing(file.path for file in FILES[MESH]) if set(_FACES) <= set(self.needs) else None

    def _lacking(self, settings: Settings) -> str | None:
        module, _, function = self.lacks.partition(":")
        lacking: str | None = getattr(import_module(module), function)(settings)
        return lacking

    def create(self, settings: Settings) -> Engine:
        factory = getattr(import_module(self.module), self.factory)
        engine: Engine = factory(settings) if self.lacks else factory()
        return engine


_FACES = ("ai_edge_litert", "cv2", "scipy")
_TORCH = ("torch", "diffusers", "whisper", "safetensors")
_LIPS = ("lip_strength", "smoothness")

# Best first: `auto` takes the first that can run at a bearable pace.
_OWN: Mapping[str, _Own] = {
    # Whoever names a service wants it used.
    "duix": _Own(
        "heygem.engines.duix.engine", "DuixEngine", (), "heygem.engines.duix:lacks", ignores=(*_LIPS, "stills")
    ),
    "musetalk": _Own(
        "heygem.engines.musetalk.engine",
        "MuseTalkEngine",
        (*_TORCH, *_FACES),
        "heygem.engines.musetalk:lacks",
        slow_without_gpu=True,
        ignores=_LIPS,
    ),
    "latentsync": _Own(
        "heygem.engines.latentsync.engine",
        "LatentSyncEngine",
        (*_TORCH, "yaml", *_FACES),
        "heygem.engines.latentsync.files:lacks",
        slow_without_gpu=True,
        ignores=("smoothness",),
    ),
    "mesh": _Own("heygem.engines.mesh.engine", "MeshEngine", _FACES),
}
_OTHERS: Mapping[str, EntryPoint] = {entry.name: entry for entry in entry_points(group=GROUP)}

ENGINES: tuple[str, ...] = (*_OWN, *(name for name in _OTHERS if name not in _OWN))


def available(settings: Settings) -> list[tuple[str, str | None]]:
    """Every engine, best first, and what it lacks here: None where it can run (others' are taken at their word)."""
    return [(name, _OWN[name].missing(settings) if name in _OWN else None) for name in ENGINES]


def candidates(settings: Settings) -> list[str]:
    """Engines that this machine may serve once `trial.try_engine` agrees, best first.

    What is slow here is among them, since somebody put its files there.
    """
    return [name for name, missing in available(settings) if missing is None]


def preferred(settings: Settings) -> list[str]:
    """What "auto" may be here, best first: engines that can run, but without a GPU none that is slow then."""
    waits = {name for name, own in _OWN.items() if own.slow_without_gpu and not gpu_present()}
    return [name for name in candidates(settings) if name not in waits]


def best(settings: Settings) -> str:
    """The first of `preferred`. Where there is none, the last of ours, to say what it lacks."""
    return next(iter(preferred(settings)), tuple(_OWN)[-1])


def ignores(engine: str, option: str) -> bool:
    """Whether an option of `RenderOptions` means nothing to an engine, as far as is known: of "auto" it isn't."""
    return engine in _OWN and option in _OWN[engine].ignores


# Engines whose work a service does, so that this machine can render meanwhile.
ELSEWHERE = frozenset({"duix"})


def slots_elsewhere(settings: Settings) -> int:
    """How many items the services of `ELSEWHERE` can have in hand at once."""
    return len(settings.duix.endpoints)


def tidy(settings: Settings) -> None:
    """Look after what was left with services. To be called every few minutes; loads nothing where there is none."""
    if settings.duix.endpoints:
        from heygem.engines.duix.endpoint import tidy as tidy_endpoints

        tidy_endpoints(settings)


def require_known(name: str) -> None:
    """Raise ENGINE_UNKNOWN, with the names there are, unless `name` is one of them or "auto"."""
    if name not in (AUTO, *ENGINES):
        raise HeygemError(ErrorCode.ENGINE_UNKNOWN, engine=name, allowed=", ".join((AUTO, *ENGINES)))


def create(name: str, settings: Settings) -> Engine:
    """The engine of that name; "auto" is the best that can run here.

    Raises:
        HeygemError: ENGINE_UNKNOWN, ENGINE_UNAVAILABLE with what is missing.
    """
    require_known(name)
    name = best(settings) if name == AUTO else name
    own = _OWN.get(name)
    if own and (missing := own.missing(settings)):
        raise HeygemError(ErrorCode.ENGINE_UNAVAILABLE, engine=name, missing=missing)
    try:
        return own.create(settings) if own else _made_by_others(_OTHERS[name])
    except ImportError as error:
        raise HeygemError(ErrorCode.ENGINE_UNAVAILABLE, engine=name, missing=lacking(error)) from error


def _made_by_others(entry: EntryPoint) -> Engine:
    engine: Engine = entry.load()()
    return engine
