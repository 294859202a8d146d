"""docs/api.md says what the HTTP interface does: its requests, answers, errors, limits."""

import re
from pathlib import Path

from bot import streams
from bot.api import body, courier
from bot.api.endpoints import ENDPOINTS
from bot.api.failures import STATUS
from heygem.base.errors import ErrorCode
from heygem.base.settings import Api

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
PLAIN = " ".join(GUIDE.split())


def test_every_request_is_listed_with_its_status() -> None:
    rows = re.findall(r"^\| `([A-Z]+) (/\S+)` \|.*\| (\d+)[^|]*\|$", GUIDE, re.MULTILINE)

    assert rows == [(each.method, each.path, str(each.status)) for each in ENDPOINTS]


def test_every_code_stands_beside_its_status() -> None:
    rows = re.findall(r"^\| (\d{3}) \| (.*) \|$", GUIDE, re.MULTILINE)
    codes = {ErrorCode(code): int(status) for status, codes in rows for code in re.findall(r"`(\w+)`", codes)}

    assert codes == STATUS | {ErrorCode.INTERNAL: 500}


def test_the_examples_ask_for_what_there_is() -> None:
    asked = set(re.findall(r"\$API(/batches[^\s\"?)]*)", GUIDE))

    assert len(asked) > 5
    assert asked <= {each.path.replace("{batch}", "$BATCH") for each in ENDPOINTS}


def test_numbers_are_the_codes() -> None:
    for said in (
        f"answer within {courier.PATIENCE_S:g} s is told again, {len(courier.WAITS_S) + 1} times within a day",
        f"stops coming for {body.STALLED_S:g} s",
        f"A comment every {streams.BEAT_S:g} s",
        f"`api.streams_per_key` streams ({Api().streams_per_key})",
    ):
        assert said in PLAIN
