"""Asks a child process that looks into a stranger's file. It limits itself, and is killed when it waits for ever."""

import asyncio
import contextlib
import logging

from heygem.base.process import Pulse, confined_environment, python

_log = logging.getLogger(__name__)
_LOOK_S = 1.0
_DEATH_S = 5.0  # until a child that was killed is gone, at most


async def asked(module: str, *arguments: str) -> bytes | None:
    """What `python -m module` wrote by the time it ended well, or None."""
    child = await asyncio.create_subprocess_exec(
        *python(module, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=confined_environment(),
    )
    pulse = Pulse(child.pid)
    speaking = asyncio.create_task(child.communicate())
    try:
        while not pulse.lost():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    said, _ = await asyncio.shield(speaking)
                    return said if child.returncode == 0 else None
        _log.warning("%s waits for ever", module)
        return None
    finally:
        if child.returncode is None:
            child.kill()
        await _seen_off(speaking)


async def _seen_off(speaking: "asyncio.Task[tuple[bytes, bytes]]") -> None:
    """Whoever ends us may say so more than once meanwhile, and the loop must not close before."""
    clock = asyncio.get_running_loop().time
    until = clock() + _DEATH_S
    while not speaking.done() and (left := until - clock()) > 0:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([speaking], timeout=left)
