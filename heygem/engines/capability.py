"""What one machine can do: engines that were tried there, not believed."""

from dataclasses import dataclass

from heygem.engines import available, create, served_elsewhere
from heygem.settings import Settings


@dataclass(frozen=True)
class Capability:
    """An engine that rendered here. `remote_slots` items at once run on its services; 0: the work is done here.

    `recipe` is the engine's: machines of different recipes share no cached features.
    """

    engine: str
    recipe: str
    remote_slots: int = 0


def candidates(settings: Settings) -> list[str]:
    """Concrete engines that this machine may claim to serve once `trial.try_engine` agrees, best first.

    Cheap: nothing heavy is imported. What is slow here is among them, since somebody put its files there.
    """
    return [name for name, missing in available() if missing is None and (name != "duix" or settings.duix.endpoints)]


def capability(settings: Settings, engine: str) -> Capability:
    """What to announce of an engine that was tried. Imports the engine, heavy libraries and all.

    Raises:
        HeygemError: what `create` raises.
    """
    elsewhere, slots = served_elsewhere(settings)
    return Capability(engine, create(engine).recipe, slots if engine in elsewhere else 0)
