"""The import rules of docs/architecture.md, read from the code itself."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("heygem", "bot", "worker")
HEAVY = ("numpy", "torch", "whisper", "diffusers", "ai_edge_litert", "cv2", "scipy", "av")
# The rooms of heygem/, each line above what it may import; rooms of one line know nothing of each other.
FLOORS = (
    {"cli", "comfyui", "health"},
    {"links"},
    {"archive"},
    {"batches"},
    {"engines"},
    {"speech", "face"},
    {"media", "weights"},
    {"storage", "redis"},
    {"base"},
)
NO_FRONT_END = {"dialogue", "chat", "previews"}  # the folders of bot/ that every front end may import


def modules(room: str) -> Iterator[Path]:
    yield from sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            names.add(node.module or "")
    return names


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def offenders(room: str, forbidden: set[str]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in modules(room) if roots(path) & forbidden]


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("heygem", {"bot", "worker", "tests", "benchmarks"}),
        ("bot", {"worker", "tests", "benchmarks"}),
        ("worker", {"bot", "tests", "benchmarks"}),
    ],
)
def test_imports_run_one_way(room: str, forbidden: set[str]) -> None:
    assert offenders(room, forbidden) == []


def test_a_room_of_the_core_imports_only_those_below_it() -> None:
    rooms = {path.relative_to(ROOT / "heygem").parts[0].removesuffix(".py") for path in modules("heygem")} - {
        "__init__"
    }
    assert rooms == set().union(*FLOORS)
    for above, floor in enumerate(FLOORS):
        below = set().union(*FLOORS[above + 1 :])
        for path in modules("heygem"):
            room = path.relative_to(ROOT / "heygem").parts[0].removesuffix(".py")
            if room in floor:
                assert _rooms_of(path) <= below | {room}, f"{path} reaches up"


def _rooms_of(path: Path) -> set[str]:
    """The rooms of heygem/ that a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "heygem":
            _, *inner = (node.module or "").split(".")
            names |= {inner[0]} if inner else {alias.name for alias in node.names}
    return names


def test_the_core_knows_no_chat_and_no_web() -> None:
    chat_and_web = {"telegram", "slack_bolt", "slack_sdk", "starlette", "uvicorn"}
    assert offenders("heygem", chat_and_web) == []


def test_no_front_end_imports_another() -> None:
    folders = {path.parent.name for path in (ROOT / "bot").glob("*/__init__.py")} - NO_FRONT_END
    assert {"console", "web"} <= folders
    for folder in folders:
        others = {f"bot.{other}" for other in folders - {folder}}
        for path in (ROOT / "bot" / folder).rglob("*.py"):
            wrong = {name for name in imported(path) if any(f"{name}.".startswith(f"{other}.") for other in others)}
            assert not wrong, f"{path} imports {wrong}"


def test_what_every_front_end_needs_imports_no_front_end() -> None:
    front_ends = {path.parent.name for path in (ROOT / "bot").glob("*/__init__.py")} - NO_FRONT_END
    for folder in NO_FRONT_END:
        for path in (ROOT / "bot" / folder).rglob("*.py"):
            wrong = {name for name in imported(path) for end in front_ends if f"{name}.".startswith(f"bot.{end}.")}
            assert not wrong, f"{path} imports {wrong}"
            assert not roots(path) & {"telegram", "slack_bolt", "slack_sdk"}, f"{path} knows a platform"


def test_the_dialogue_knows_nothing_of_how_it_is_delivered() -> None:
    for path in (ROOT / "bot" / "dialogue").rglob("*.py"):
        assert not [name for name in imported(path) if f"{name}.".startswith("bot.chat.")], path


def ours(path: Path) -> set[str]:
    """The modules of ours that it imports; a package of which a module is taken counts as that module."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            named |= {name if _is_module(name) else node.module for name in inside}
    return {name for name in named if name.split(".")[0] in ROOMS}


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def test_no_module_of_the_bot_needs_half_of_the_house() -> None:
    needs = {_module(path): len(ours(path)) for path in modules("bot")}
    assert needs["bot.slack.desk"] < 12
    gathering = {"bot.slack.front", "bot.slack.app", "bot.telegram.front", "bot.dialogue.handlers"}
    assert {name: count for name, count in needs.items() if count > (20 if name in gathering else 16)} == {}


def test_front_ends_get_their_words_from_the_dialogue() -> None:
    """An error's sentence knows neither the person's language nor how commands are typed where it is read."""
    chats = [path for end in ("console", "slack", "telegram") for path in modules(f"bot/{end}")]
    wrong = [str(path) for path in chats if any(name.startswith("heygem.base.sentences") for name in imported(path))]
    assert len(chats) > 20
    assert wrong == []


def test_no_engine_imports_another() -> None:
    folder = ROOT / "heygem" / "engines"
    engines = {path.parent.name for path in folder.glob("*/__init__.py")}
    assert "mesh" in engines
    for engine in engines:
        others = tuple(f"heygem.engines.{other}" for other in engines - {engine})
        for path in (folder / engine).rglob("*.py"):
            assert not [name for name in imported(path) if others and name.startswith(others)]


def test_python_is_started_in_one_place_which_keeps_the_working_folder_off_its_path() -> None:
    starts = [path for room in ROOMS for path in modules(room) if "sys.executable" in path.read_text()]
    assert starts == [ROOT / "heygem" / "base" / "process.py"]


def test_nobody_is_told_to_install_us_from_an_index_that_does_not_have_us() -> None:
    kinds = ("*.md", "*.py", "*.html", "*.toml", "*.yml", "*.yaml", "Dockerfile", "Makefile", ".env.example")
    told = {path: path.read_text() for room in (".", *ROOMS, "docs", "config") for path in _written(ROOT / room, kinds)}
    assert {"README.md", "doctor.py", "comfyui.md"} <= {path.name for path in told}
    index = re.compile(r"\binstall(\s+-\S+)*\s+\W?heygem[-_]bot")
    assert [str(path) for path, text in told.items() if index.search(text)] == []


def _written(folder: Path, kinds: tuple[str, ...]) -> Iterator[Path]:
    for kind in kinds:
        yield from folder.glob(kind) if folder == ROOT else folder.rglob(kind)


def test_the_command_line_starts_the_other_rooms_without_their_heavy_libraries() -> None:
    assert _heavy_after_importing(["heygem.cli.app"]) == ""


def test_no_room_waits_for_the_half_of_scipy_that_takes_longest_to_load() -> None:
    slow = {f"scipy.{name}" for name in ("signal", "interpolate", "optimize", "stats", "spatial")}
    assert {path: names for path in modules("heygem") if (names := imported(path) & slow)} == {}


def test_the_bot_starts_without_heavy_libraries() -> None:
    names = [_module(path) for path in modules("bot") if path.name != "__main__.py"]
    assert _heavy_after_importing(names) == ""


def test_the_worker_process_itself_starts_without_heavy_libraries() -> None:
    names = [_module(path) for path in modules("worker") if path.name != "__main__.py"]
    assert _heavy_after_importing(names) == ""


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _heavy_after_importing(names: list[str]) -> str:
    code = (
        f"import sys, importlib\nfor name in {names}: importlib.import_module(name)\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
