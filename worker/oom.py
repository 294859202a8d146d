"""Whether the kernel ended a process because memory ran out."""

from pathlib import Path

_VMSTAT = Path("/proc/vmstat")


def oom_kills() -> int:
    """How many processes the kernel has killed for memory since boot, in all of the machine; 0 where it doesn't say."""
    try:
        lines = _VMSTAT.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
