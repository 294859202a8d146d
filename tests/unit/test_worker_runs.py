"""A worker's folder: each run finds an empty one, whatever the run before left."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from heygem.storage.layout import Storage
from worker.runs import Run, Workplace


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    workplace = Workplace(Storage(tmp_path))
    yield workplace
    workplace.leave()


def run(number: int) -> Run:
    return Run("owner", "batch", f"item{number}", 1)


def test_a_run_finds_nothing_of_the_run_before(workplace: Workplace, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    with run(1).working(workplace) as folder:
        (folder / "sub" / "sub").mkdir(parents=True)
        (folder / "sub" / "file").touch()
        (folder / "output.mp4").touch()
        (folder / "link").symlink_to(kept)

    with run(2).working(workplace) as folder:
        assert list(folder.iterdir()) == []
        assert folder.name == "owner.batch.item2.1"
    assert (kept / "file").exists()


def test_runs_side_by_side_have_folders_of_their_own(workplace: Workplace) -> None:
    with run(1).working(workplace), run(2).working(workplace):
        pass
    with run(3).working(workplace) as one, run(4).working(workplace) as other:
        (one / "file").touch()
        assert list(other.iterdir()) == []


def test_a_folder_that_cannot_be_emptied_goes_to_no_other_run(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(path: Path) -> None:
        raise PermissionError(path)

    with run(1).working(workplace) as folder:
        (folder / "output.mp4").touch()
        monkeypatch.setattr(Path, "unlink", refuses)
    monkeypatch.undo()

    with run(2).working(workplace) as folder:
        assert list(folder.iterdir()) == []


def test_a_worker_that_leaves_takes_its_folder_along(workplace: Workplace, tmp_path: Path) -> None:
    with run(1).working(workplace):
        pass
    workplace.leave()
    assert list((tmp_path / "work").iterdir()) == []


def test_a_worker_that_leaves_a_run_behind_leaves_it_to_the_sweep(workplace: Workplace, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="disk"), run(1).working(workplace):
        raise OSError("disk")
    workplace.leave()
    assert [path.name for path in (tmp_path / "work").glob("*/*.1")] == ["owner.batch.item1.1"]
