"""How children are started."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from heygem.base.process import confined_environment, environment, python


@pytest.mark.parametrize("given", [environment, confined_environment])
def test_an_empty_entry_in_the_path_of_modules_does_not_bring_the_working_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Callable[[], dict[str, str]]
) -> None:
    (tmp_path / "mine.py").write_text("print('the working folder was run')")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "theirs.py").write_text("import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))")
    monkeypatch.setenv("PYTHONPATH", f":{tmp_path / 'lib'}:")
    mine, nested = python("mine"), python("theirs", python("mine")[0], "-m", "mine")
    for command in (mine, nested):
        done = subprocess.run(command, cwd=tmp_path, env=given(), capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (1, "")
        assert "No module named mine" in done.stderr
