"""The `heygem` command, forked from a process that has loaded it: it does the same, and begins at once."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from heygem.cli import main
from tests.patience import PATIENCE_SECONDS

_FORKS = multiprocessing.get_context("forkserver")
# What takes long to load. None of it looks at the environment before it is used; BLAS alone starts threads.
_FORKS.set_forkserver_preload(["heygem.cli.app", "heygem.engines.mesh.engine", "heygem.engines.spoken"])
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def forked(
    folder: Path, arguments: Sequence[str | Path], environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """`heygem` with these arguments, run to its end in `folder`."""
    words = list(map(str, arguments))
    with TemporaryDirectory() as made, patch.dict(os.environ, _ONE_THREAD):
        said = [Path(made, name) for name in ("stdout", "stderr")]
        process = _FORKS.Process(target=_command, args=(folder, words, environment, said))
        process.start()
        process.join(PATIENCE_SECONDS)
        process.kill()
        process.join()
        assert process.exitcode is not None
        return subprocess.CompletedProcess(
            words, process.exitcode, *(path.read_text(errors="replace") for path in said)
        )


def _command(folder: Path, arguments: list[str], environment: dict[str, str], said: list[Path]) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate(said, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.argv = ["heygem", *arguments]
    main()
