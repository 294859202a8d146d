"""`heygem demo` where a library of the system is missing."""

from pathlib import Path

import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import explain_error
from heygem.cli import portrait
from heygem.cli.demo import demo


def test_a_demo_that_lacks_a_library_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def film(_: Path) -> list[Path]:
        raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(portrait, "make_templates", film)
    with pytest.raises(HeygemError) as caught:
        demo(tmp_path / "out")
    assert caught.value.code is ErrorCode.ENGINE_UNAVAILABLE
    assert "libGL.so.1 is missing. See `heygem doctor`" in explain_error(caught.value, door="local")
