"""Whether the kernel ended a process because memory ran out."""

from pathlib import Path

_VMSTAT = Path("/proc/vmstat")


def oom_kills() -> int:
    """How many processes the kernel has killed for memory since boot, in all of the machine; 0 where it doesn't say."""
    try:
        _, _, after = _VMSTAT.read_text().partition("\noom_kill ")
    except OSError:
        return 0
    return int(after.partition("\n")[0] or 0)
