"""What a worker says that can't start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ({}, "queue_unreachable"),
        ({"HEYGEM_REDIS_URL": "redis://user:Geheim-7391@127.0.0.1:1/0"}, "queue_unreachable"),
        ({"HEYGEM_REDIS_URL": "gopher://user:Geheim-7391@127.0.0.1"}, "bad_setting"),
        ({"HEYGEM_LIMITS__RENDER_SECONDS": "soon"}, "bad_setting"),
    ],
)
def test_a_worker_that_cannot_start_says_why_in_one_sentence(
    tmp_path: Path, setting: dict[str, str], code: str
) -> None:
    environment = os.environ | {"HEYGEM_DATA_DIR": str(tmp_path)} | setting

    ended = subprocess.run(
        [sys.executable, "-m", "worker"], env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )

    assert ended.returncode == 1
    assert ended.stdout == ""
    (sentence,) = ended.stderr.strip().splitlines()
    assert sentence.endswith(f"[{code}]")
    assert "Geheim" not in sentence
