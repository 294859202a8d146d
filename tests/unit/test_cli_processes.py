"""`heygem up` and `heygem chat` before they start anything."""

from collections.abc import Callable

import pytest

from heygem.cli import processes
from heygem.errors import ErrorCode, HeygemError
from heygem.settings import Settings


@pytest.mark.parametrize("start", [processes.up, processes.chat])
def test_an_engine_that_there_is_not_is_refused_before_anything_starts(
    start: Callable[[], None], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "load_settings", lambda: settings.model_copy(update={"engine": "magic"}))
    monkeypatch.setattr(processes, "running", pytest.fail)
    with pytest.raises(HeygemError) as caught:
        start()
    assert caught.value.code is ErrorCode.ENGINE_UNKNOWN
    assert caught.value.params["engine"] == "magic"
