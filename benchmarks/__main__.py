"""Every table, one after the other: `make bench`, or `python -m benchmarks archive queue` for some of them."""

import pkgutil
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Each table runs in its own process, so that none inherits another's caches, threads or memory."""
    known = sorted(
        module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if not module.name.startswith("_")
    )
    names = sys.argv[1:] or known
    unknown = set(names) - set(known)
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    failed = [name for name in names if subprocess.call([sys.executable, "-m", f"benchmarks.{name}"]) != 0]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
