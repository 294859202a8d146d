"""`heygem models`: what engines need, what is here, and fetching it from a stand-in of Hugging Face."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from heygem.base.errors import ErrorCode, HeygemError
from heygem.cli.app import app
from heygem.engines.latentsync import files as latentsync
from heygem.engines.musetalk import files as musetalk
from heygem.weights.folder import ModelFolder
from heygem.weights.manifest import FILES
from heygem.weights.pull import pull
from tests.fakes.hub import FakeHub, hub
from tests.patience import PATIENCE_SECONDS
from tests.whisper import make_checkpoint


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with hub() as fake:
        yield fake


def heygem(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    ours = {
        "HEYGEM_MODELS_DIR": str(folder / "models"),
        "HEYGEM_CONFIG": os.devnull,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HOME": str(folder / "hf"),
        "COLUMNS": "200",
    }
    return subprocess.run(
        [sys.executable, "-c", "from heygem.cli import main; main()", "models", *arguments],
        env=os.environ | ours | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path, server: FakeHub, monkeypatch: pytest.MonkeyPatch) -> ModelFolder:
    """Where `fetched` puts files; the client asks the stand-in, without a process of its own for each test."""
    monkeypatch.setattr(constants, "ENDPOINT", server.url)
    pattern = constants.HUGGINGFACE_CO_URL_TEMPLATE.removeprefix(constants._HF_DEFAULT_ENDPOINT)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", server.url + pattern)
    return ModelFolder(tmp_path / "models" / "latentsync")


def fetched(folder: ModelFolder, engine: str, path: str) -> bool:
    (file,) = (file for file in FILES[engine] if file.path == path)
    return pull(folder, file)


UNET = "checkpoints/latentsync_unet.pt"


def offered(server: FakeHub) -> None:
    """Small files under the right names for latentsync, none of whose sums is known in advance."""
    for file in FILES["latentsync"]:
        content = b"{}" if file.file.endswith(".json") else f"weights of {file.file} ".encode() * 5000
        server.files[f"{file.repository}/{file.file}"] = content


def test_the_registry_has_what_the_engines_ask_for() -> None:
    assert {file.path for file in FILES["musetalk"]} >= set(musetalk.FILES)
    assert {file.path for file in FILES["latentsync"]} >= set(latentsync.FILES)
    for file in (file for files in FILES.values() for file in files):
        assert file.licence
        assert sum(map(bool, (file.url, file.repository, file.package))) == 1


def test_the_list_says_which_files_are_here_and_whether_they_load(tmp_path: Path) -> None:
    make_checkpoint(tmp_path / "models" / "whisper" / "small.pt")
    broken = tmp_path / "models" / "musetalk" / "musetalkV15" / "unet.pth"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"PK\x03\x04 and no more")

    listed = heygem(tmp_path, "--json")
    assert listed.returncode == 0, listed.stderr
    states = {(file["engine"], file["file"]): file for file in json.loads(listed.stdout)["files"]}
    assert states["whisper", "small.pt"]["state"] == "loads"
    assert states["whisper", "small.pt"]["megabytes"] > 1
    assert "broken" in states["musetalk", "musetalkV15/unet.pth"]["state"]
    assert states["latentsync", "checkpoints/latentsync_unet.pt"]["state"] == "missing"

    shown = heygem(tmp_path, "--quick").stdout
    assert "musetalkV15/unet.pth" in shown
    assert "creativeml-openrail-m" in shown
    assert "here" in shown


def test_pull_fetches_what_is_missing_into_the_engines_layout(tmp_path: Path, server: FakeHub) -> None:
    offered(server)
    done = heygem(tmp_path, "pull", "latentsync", HF_ENDPOINT=server.url)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "models" / "latentsync"
    for file in FILES["latentsync"]:
        assert (folder / file.path).read_bytes() == server.files[f"{file.repository}/{file.file}"]

    server.requests.clear()
    again = heygem(tmp_path, "pull", "latentsync", HF_ENDPOINT=server.url)
    assert "was here" in again.stderr
    assert server.requests == []


def test_an_interrupted_download_goes_on_where_it_stopped(folder: ModelFolder, server: FakeHub) -> None:
    """The client keeps what came in blocks of 10 MB."""
    content = server.files["ByteDance/LatentSync-1.5/latentsync_unet.pt"] = os.urandom(1 << 16) * 400
    server.cut_after = 16_000_000
    assert fetched(folder, "latentsync", UNET)
    ranges = [asked for method, path, asked in server.requests if method == "GET" and path.endswith("unet.pt")]
    assert ranges[:2] == ["", f"bytes={10 * 1024 * 1024}-"]
    assert folder.path(UNET).read_bytes() == content


def test_a_file_with_another_sum_than_told_is_not_kept(folder: ModelFolder, server: FakeHub) -> None:
    offered(server)
    server.lie = True
    with pytest.raises(HeygemError) as caught:
        fetched(folder, "latentsync", UNET)
    assert (caught.value.code, caught.value.params) == (ErrorCode.WEIGHTS_BROKEN, {"file": f"latentsync/{UNET}"})
    assert not (folder.root / UNET).exists()


def test_a_known_sum_counts_whatever_the_server_tells(folder: ModelFolder, server: FakeHub) -> None:
    server.files["TMElyralab/MuseTalk/musetalkV15/unet.pth"] = b"{}"
    with pytest.raises(HeygemError) as caught:
        fetched(folder, "musetalk", "musetalkV15/unet.pth")
    assert caught.value.code is ErrorCode.WEIGHTS_BROKEN


def test_a_file_that_is_not_offered_is_named(folder: ModelFolder) -> None:
    with pytest.raises(HeygemError) as caught:
        fetched(folder, "latentsync", UNET)
    assert (caught.value.code, caught.value.params["name"]) == (ErrorCode.FETCH_FAILED, UNET)


def test_without_internet_one_sentence_says_so(tmp_path: Path) -> None:
    done = heygem(tmp_path, "pull", "musetalk", HF_ENDPOINT="http://127.0.0.1:1")
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "can't be reached" in lines[0]
    assert lines[0].endswith("[no_internet]")


def test_an_engine_without_files_has_nothing_to_fetch(capsys: pytest.CaptureFixture[str]) -> None:
    app(["models", "pull", "duix"], standalone_mode=False)
    assert "nothing to fetch" in capsys.readouterr().err


def test_nothing_else_in_the_product_downloads() -> None:
    """Only one module knows huggingface_hub."""
    root = Path(__file__).parents[2]
    knowing = [
        str(path.relative_to(root))
        for room in ("heygem", "worker", "bot")
        for path in (root / room).rglob("*.py")
        if "huggingface_hub" in path.read_text() or "from_pretrained" in path.read_text()
    ]
    assert knowing == ["heygem/weights/pull.py"]
