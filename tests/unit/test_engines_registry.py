"""Engines by name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.engines import ENGINES, available, best, create

SETUP = "import heygem.engines as e; from heygem.base.settings import load_settings; s = load_settings()"
OTHERS = Path(__file__).parents[1] / "engines"


def run(code: str, *folders: Path) -> str:
    """What a fresh process prints, with folders of others' distributions in its path."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_unknown_engine_is_refused_with_what_there_is() -> None:
    with pytest.raises(HeygemError) as caught:
        create("vocoder", Settings())
    assert caught.value.code is ErrorCode.ENGINE_UNKNOWN
    assert caught.value.params == {"engine": "vocoder", "allowed": ", ".join(("auto", *ENGINES))}


def test_others_engines_join_by_an_entry_point() -> None:
    said = run(f"{SETUP}; print(e.ENGINES[-1], e.create('stub', s).name, e.available(s)[-1])", OTHERS)
    assert said == "stub stub ('stub', None)"


def test_an_engine_that_lacks_something_says_what(tmp_path: Path) -> None:
    (tmp_path / "frail.py").write_text("import module_that_is_not_there\n")
    info = tmp_path / "frail-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: frail\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[heygem.engines]\nfrail = frail:Frail\n")
    said = run(
        f"{SETUP}\n"
        "from heygem.base.errors import HeygemError\n"
        "try: e.create('frail', s)\n"
        "except HeygemError as error: print(error)",
        tmp_path,
    )
    assert said == "engine_unavailable {'engine': 'frail', 'missing': 'module_that_is_not_there'}"


def test_naming_engines_loads_none_of_their_libraries() -> None:
    said = run(
        f"import sys; {SETUP}; e.available(s); "
        "print([m for m in ('ai_edge_litert', 'cv2', 'scipy', 'av', 'torch') if m in sys.modules])"
    )
    assert said == "[]"


def test_auto_is_the_first_that_can_run() -> None:
    if dict(available(Settings()))[best(Settings())] is not None:
        pytest.skip("no engine can run here")
    assert create("auto", Settings()).name == best(Settings())
