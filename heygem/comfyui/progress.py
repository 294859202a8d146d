"""Work in a thread, while ComfyUI's loop shows how far it is and whether somebody wants it to stop."""

import asyncio
import inspect
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any, TypeVar

from comfy_api.latest import ComfyAPI

_STEPS = 1000
_LOOK_S = 0.1

T = TypeVar("T")


async def shown(work: Callable[[Callable[[float], None], Callable[[], bool]], T]) -> T:
    """Run `work(report, stop)`: `report` takes the share done, 0..1; `stop()` is true once ComfyUI was interrupted."""
    api, done, told, comfy = ComfyAPI(), 0.0, -1.0, _comfy()

    def report(share: float) -> None:
        nonlocal done
        done = max(done, share)

    task = asyncio.create_task(asyncio.to_thread(work, report, comfy.processing_interrupted))
    while not task.done():
        await asyncio.wait({task}, timeout=_LOOK_S)
        if done > told:
            told = done
            answer = api.execution.set_progress(value=round(done * _STEPS), max_value=_STEPS)
            if inspect.isawaitable(answer):
                await answer
    if task.exception():
        comfy.throw_exception_if_processing_interrupted()  # as ComfyUI itself ends an interrupted node
    return task.result()


def _comfy() -> Any:
    """ComfyUI's own word on interruption, where there is one."""
    try:
        return import_module("comfy.model_management")
    except ImportError:
        return SimpleNamespace(
            processing_interrupted=lambda: False, throw_exception_if_processing_interrupted=lambda: None
        )
