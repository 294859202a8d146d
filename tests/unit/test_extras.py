"""What is said where a package is missing that only a part of the product needs."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import LANGUAGES, explain_error
from heygem.base.settings import load_settings
from heygem.cli.app import app
from heygem.weights.manifest import FILES

ROOT = Path(__file__).parents[2]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.setenv("HEYGEM_MODELS_DIR", str(tmp_path / "models"))
    load_settings.cache_clear()
    yield tmp_path / "models"
    load_settings.cache_clear()


@pytest.mark.parametrize(
    ("command", "package", "install"),
    [
        (["demo"], "skimage", "pip install -e '.[mesh,demo]'"),
        (["demo"], "ai_edge_litert", "pip install -e '.[mesh,demo]'"),
        (["models", "pull", "whisper"], "huggingface_hub", "pip install -e '.[gpu]'"),
        (["models", "pull", "musetalk"], "huggingface_hub", "pip install -e '.[gpu]'"),
    ],
)
def test_a_command_without_its_packages_says_how_to_get_them_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, models: Path, command: list[str], package: str, install: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(HeygemError) as caught:
        app(command, standalone_mode=False)
    assert caught.value.code is ErrorCode.EXTRA_MISSING
    assert all(install in explain_error(caught.value, language, "local") for language in LANGUAGES)
    assert list(tmp_path.iterdir()) == []


def test_whoever_has_the_files_needs_no_package_to_fetch_them(
    monkeypatch: pytest.MonkeyPatch, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in FILES["latentsync"]:
        (models / "latentsync" / file.path).parent.mkdir(parents=True, exist_ok=True)
        (models / "latentsync" / file.path).touch()
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    app(["models", "pull", "latentsync"], standalone_mode=False)
    assert "was here" in capsys.readouterr().err


def test_every_extra_that_a_message_names_is_one() -> None:
    code = "".join(path.read_text() for room in ("heygem", "bot", "worker") for path in (ROOT / room).rglob("*.py"))
    before = r"(?:service=\"[^\"]*\", extra=|extras\.require\(\"[^\"]*\", |_INSTALL\.format\()"
    named = re.findall(before + r"\"([a-z,]+)\"", code)
    extras = {extra for each in named for extra in each.split(",")}
    assert extras >= {"mesh", "demo", "gpu", "slack", "telegram"}
    assert extras <= set(EXTRAS)
