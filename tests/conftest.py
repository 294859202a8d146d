"""A real Redis per test process, empty for each test; settings and storage in the test's own folder."""

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

from heygem.base.settings import Settings
from heygem.redis.connection import connect
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage

_TORCH = ("compute", "latentsync", "musetalk", "torch", "weights")


def pytest_configure() -> None:
    """A shell starts what runs in its background deaf to Ctrl-C, and our children would be as deaf."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist says no types
    """One process runs all of a file, so that what the file makes once is made once, and one all that needs torch.

    Fault tests wait for processes of their own: each goes where there is room.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        if any(word in file.stem for word in _TORCH):
            return "torch"
        return nodeid if file.parent.name == "faults" else str(file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    return ByFile(config, log)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, redis_server: EmbeddedRedis) -> Settings:
    return Settings(data_dir=tmp_path / "data", redis_url=SecretStr(f"unix://{redis_server.socket}"))


@pytest.fixture
async def redis(settings: Settings) -> AsyncIterator[Redis]:
    client = connect(settings)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return Storage(settings.data_dir)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Torch's threads only get in each other's way on a busy machine."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
