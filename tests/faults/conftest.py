from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.house import House, opened


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    with opened(tmp_path) as house:
        yield house
        await house.redis.aclose()
