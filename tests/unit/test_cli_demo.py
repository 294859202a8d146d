"""`heygem demo` where something that it needs is not installed."""

from pathlib import Path

import pytest

from heygem.cli import portrait
from heygem.cli.demo import demo
from heygem.errors import ErrorCode, HeygemError
from heygem.sentences import explain_error

LIBRARY = ImportError("libGL.so.1: cannot open shared object file: No such file or directory")


@pytest.mark.parametrize(
    ("error", "code", "command"),
    [
        (ModuleNotFoundError("No module", name="skimage"), ErrorCode.EXTRA_MISSING, "pip install -e '.[mesh,demo]'"),
        (LIBRARY, ErrorCode.ENGINE_UNAVAILABLE, "libGL.so.1 is missing. See `heygem doctor`"),
    ],
)
def test_a_demo_that_lacks_something_says_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: ImportError, code: ErrorCode, command: str
) -> None:
    def film(_: Path) -> list[Path]:
        raise error

    monkeypatch.setattr(portrait, "make_templates", film)
    with pytest.raises(HeygemError) as caught:
        demo(tmp_path / "out")
    assert caught.value.code is code
    assert command in explain_error(caught.value, door="local")
