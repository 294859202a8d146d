"""How long a test waits for what has to come: a wait that succeeds costs nothing, and the machine may be busy."""

import asyncio

PATIENCE_SECONDS = 120.0
_AGAIN_S = 10.0


async def gone(task: "asyncio.Task[None]") -> None:
    """End a task that may take a while over it. redis-py's `wait_for` may swallow a cancellation before Python 3.12."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_AGAIN_S)
