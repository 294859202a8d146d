"""What one machine may be able to do, before it is tried."""

from heygem.base.settings import Settings
from heygem.engines import available


def candidates(settings: Settings) -> list[str]:
    """Concrete engines that this machine may serve once `trial.try_engine` agrees, best first.

    Cheap: nothing heavy is imported. What is slow here is among them, since somebody put its files there.
    """
    return [name for name, missing in available(settings) if missing is None]
