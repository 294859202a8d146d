"""mediapipe without matplotlib, which it loads to plot what we never plot: more than half of the time it takes to load,
and 30 MB."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

_PACKAGE, _PLOTS = "matplotlib", "matplotlib.pyplot"


class _Later(ModuleType):
    """Stands for a module until somebody uses it: other code in this process may well plot with mediapipe."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


@contextmanager
def no_plots() -> Iterator[None]:
    """Whoever imports matplotlib's plots meanwhile gets them when they are first used; all others as ever."""
    if _PACKAGE in sys.modules:
        yield
        return
    package, plots = _Later(_PACKAGE), _Later(_PLOTS)
    package.__dict__["pyplot"] = plots
    sys.modules |= {_PACKAGE: package, _PLOTS: plots}
    try:
        yield
    finally:
        del sys.modules[_PACKAGE], sys.modules[_PLOTS]
