"""Every table, one after the other: `make bench`, or `python -m benchmarks archive queue` for some of them."""

import subprocess
import sys

# What prints a table; `sheets`, `make_demo_voice` and `make_sample` make files, for those who ask for them.
TABLES = ("archive", "engines", "lips", "media", "memory", "mouths", "queue", "render", "speech", "telegram")


def main() -> None:
    """Each table runs in its own process, so that none inherits another's caches, threads or memory."""
    names = sys.argv[1:] or TABLES
    unknown = set(names) - set(TABLES)
    if unknown:
        sys.exit(f"no such table: {', '.join(sorted(unknown))}; there are {', '.join(TABLES)}")
    failed = [name for name in names if subprocess.call([sys.executable, "-m", f"benchmarks.{name}"]) != 0]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
