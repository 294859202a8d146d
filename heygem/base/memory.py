"""How much memory this process holds, and how much there is."""

import os
from collections.abc import Iterator
from pathlib import Path

_MB = 1_000_000
_STATUS = Path("/proc/self/status")
_HELD = ("RssAnon:", "RssShmem:", "VmSwap:")  # what is mapped from files can be had again, and counts for nobody
_GROUPS = Path("/sys/fs/cgroup")
# The allocator of the CPU, and libraries that ask the GPU for memory behind torch's back, raise plain RuntimeErrors.
_NO_ROOM = ("can't allocate memory", "out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")
_LIMITS = ("memory.max", "memory.limit_in_bytes")  # of the second and of the first version of control groups


def held_mb() -> int:
    """What this process has written to memory and could not be given back."""
    lines = _STATUS.read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(_HELD)) * 1024 // _MB


def installed_mb() -> int:
    """What the machine has, or what the container or service that we run in may take of it."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(machine, *_group_limits(), machine) // _MB


def no_room(error: RuntimeError) -> bool:
    """Whether it says that memory ran out, here or on a GPU."""
    return any(words in str(error) for words in _NO_ROOM)


def _group_limits() -> Iterator[int]:
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, kinds, name = line.split(":", 2)
        if kinds and "memory" not in kinds.split(","):
            continue
        top = _GROUPS / "memory" if kinds else _GROUPS
        group = top / name.lstrip("/")
        for folder in (group, *(parent for parent in group.parents if parent.is_relative_to(top))):
            yield from _limits_of(folder)


def _limits_of(folder: Path) -> Iterator[int]:
    for name in _LIMITS:
        try:
            yield int((folder / name).read_text())
        except (OSError, ValueError):  # another version, a group outside our view, or "max"
            continue
