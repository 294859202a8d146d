"""Ending asyncio tasks for good."""

import asyncio
from collections.abc import Iterable
from typing import Any

_AGAIN_S = 0.2


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they are gone.

    Once is not enough: `asyncio.wait_for`, which redis-py uses, may swallow a cancellation before Python 3.12. A task
    that ends others on its way out may itself be cancelled again meanwhile; it is cancelled when the others are gone.
    """
    left = {task for task in tasks if not task.done()}
    cancelled: asyncio.CancelledError | None = None
    while left:
        for task in left:
            task.cancel()
        try:
            await asyncio.wait(left, timeout=_AGAIN_S)
        except asyncio.CancelledError as again:
            cancelled = again
        left = {task for task in left if not task.done()}
    if cancelled is not None:
        raise cancelled
