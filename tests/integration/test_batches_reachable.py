"""A Redis that can't be used is told from one that may come back, in one plain sentence and without its password."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis

import worker.__main__
from bot.__main__ import main as bot
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.cli import doctor, processes
from heygem.cli.trial import Tried
from heygem.redis import keys, reachable
from heygem.redis.reachable import Seen, look, require_usable
from heygem.redis.server import EmbeddedRedis
from tests.fakes.impostor import bulk, closing, listener, saying, self_signed, silent
from tests.ports import free_port

PASSWORD = "Geheim-7391"  # noqa: S105 (opens nothing)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachable, "_SECONDS", 0.3)


@pytest.fixture(scope="module")
def port(redis_server: EmbeddedRedis) -> Iterator[int]:
    """The Redis of the tests on a port as well, of both families."""
    with Redis(unix_socket_path=str(redis_server.socket)) as redis:
        redis.config_set("bind", "127.0.0.1 ::1")
        redis.config_set("port", found := free_port())
        yield found
        redis.config_set("port", 0)


@pytest.fixture
def configured(redis_server: EmbeddedRedis) -> Iterator[Callable[[str, Any], None]]:
    """Settings of the Redis of the tests, for as long as the test."""
    with Redis(unix_socket_path=str(redis_server.socket)) as redis:
        before: dict[str, Any] = {}

        def configure(name: str, value: Any) -> None:
            before.setdefault(name, redis.config_get(name)[name])
            redis.config_set(name, value)

        yield configure
        for name, value in before.items():
            redis.config_set(name, value)


@contextmanager
def user(redis_server: EmbeddedRedis, *rules: str) -> Iterator[str]:
    """The address of the Redis of the tests for a user with these rules."""
    with Redis(unix_socket_path=str(redis_server.socket)) as redis:
        redis.execute_command("ACL", "SETUSER", "bot", "reset", "on", f">{PASSWORD}", *rules)
        try:
            yield f"unix://bot:{PASSWORD}@{redis_server.socket}"
        finally:
            redis.acl_deluser("bot")


def test_a_redis_of_ours_is_fine_over_every_kind_of_address(redis_server: EmbeddedRedis, port: int) -> None:
    for url in (f"unix://{redis_server.socket}", f"redis://127.0.0.1:{port}/0", f"redis://[::1]:{port}/3"):
        assert look(url).state == "fine", url
    with Redis(port=port) as redis:
        assert redis.exists(keys.TRIAL, keys.ARQ_TRIAL) == 0


@pytest.mark.parametrize(
    ("rules", "state"),
    [
        (("~heygem:*", "~arq:*", "+@all"), "fine"),
        (("~*", "+@all"), "fine"),
        (("~heygem:*", "+@all"), "refuses"),
        (("~arq:*", "+@all"), "refuses"),
        (("~*", "+@read", "+@connection", "+info"), "refuses"),
        (("~*", "+@all", "-@scripting"), "refuses"),
        (("~*", "+@all", "-@sortedset"), "refuses"),
        (("~*", "+@all", "-@transaction"), "refuses"),
        (("~*", "+@all", "-info"), "refuses"),
    ],
)
def test_a_user_who_may_not_do_all_that_is_needed_is_refused(
    redis_server: EmbeddedRedis, rules: tuple[str, ...], state: str
) -> None:
    with user(redis_server, *rules) as url:
        seen = look(url)
    assert seen.state == state
    assert state == "fine" or "user" in seen.reason


def test_a_wrong_a_missing_and_a_needless_password_are_told_apart_from_silence(
    redis_server: EmbeddedRedis, port: int
) -> None:
    needless = look(f"redis://:{PASSWORD}@127.0.0.1:{port}/0")
    with user(redis_server, "~*", "+@all"):
        wrong = look(f"redis://bot:{PASSWORD}x@127.0.0.1:{port}/0")
    with listener(saying("-NOAUTH Authentication required.")) as closed:
        missing = look(f"redis://127.0.0.1:{closed}/0")
    assert wrong == missing == Seen("refuses", "it wants another user or password")
    assert needless == Seen("refuses", "it wants no password")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("maxmemory", "1", Seen("full", "its memory is full")),
        ("min-replicas-to-write", "2", Seen("full", "it takes no changes at the moment; its log says why")),
        ("replicaof", "127.0.0.1 1", Seen("refuses", "it is a replica, which takes no changes")),
    ],
)
def test_a_redis_that_takes_no_changes_is_no_silent_one(
    redis_server: EmbeddedRedis, configured: Callable[[str, Any], None], name: str, value: str, expected: Seen
) -> None:
    if name == "replicaof":
        with Redis(unix_socket_path=str(redis_server.socket)) as redis:
            redis.replicaof(*value.split())
            seen = look(f"unix://{redis_server.socket}")
            redis.replicaof("NO", "ONE")
    else:
        configured(name, value)
        seen = look(f"unix://{redis_server.socket}")
    assert seen == expected


@pytest.mark.parametrize(
    ("serve", "state", "words"),
    [
        (silent, "away", "does not answer"),
        (closing, "away", "closes the connection"),
        (saying("HTTP/1.1 400 Bad Request\r\n"), "refuses", "no Redis"),
        (saying("220 mail.example.org ESMTP"), "refuses", "no Redis"),
        (saying("+OK"), "refuses", "no Redis"),
        (saying("-LOADING Redis is loading the dataset in memory"), "loading", "reading its data"),
        (saying("-DENIED Redis is running in protected mode"), "refuses", "protected mode"),
        (saying("-ERR max number of clients reached"), "away", "no more connections"),
        (saying("-ERR max concurrent connections exceeded"), "away", "no more connections"),
        (saying("-ERR unknown command `INFO`"), "refuses", "switched off"),
        (saying("-ERR this command is disabled"), "refuses", "switched off"),
        (saying(bulk("redis_version:5.0.14")), "refuses", "5.0.14"),
        (saying(bulk("redis_version:7.2.4\r\nredis_mode:cluster")), "refuses", "cluster"),
    ],
)
def test_what_else_answers_is_told_for_what_it_is(
    serve: Callable[[socket.socket], None], state: str, words: str
) -> None:
    with listener(serve) as port:
        seen = look(f"redis://127.0.0.1:{port}/0")
    assert seen.state == state
    assert words in seen.reason


def test_a_certificate_that_nobody_trusts_and_a_redis_without_tls_are_two_things(port: int, tmp_path: Path) -> None:
    with listener(self_signed) as secure:
        assert look(f"rediss://localhost:{secure}/0") == Seen("refuses", "its certificate is not trusted here")
        unread = look(f"rediss://localhost:{secure}/0?ssl_ca_certs={tmp_path / 'none.pem'}")
    assert unread == Seen("refuses", "a certificate file that the address names can't be read")
    assert "redis:// instead" in look(f"rediss://127.0.0.1:{port}/0").reason


def test_a_tls_proxy_whose_redis_is_away_is_waited_for() -> None:
    with listener(closing) as port:
        assert look(f"rediss://127.0.0.1:{port}/0").state == "away"


def test_several_processes_may_look_at_once(redis_server: EmbeddedRedis) -> None:
    with ThreadPoolExecutor() as pool:
        seen = list(pool.map(look, [f"unix://{redis_server.socket}"] * 60))
    assert {one.state for one in seen} == {"fine"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://127.0.0.1:1/0", Seen("away", "nothing listens there")),
        ("redis://no.such.invalid:6379/0", Seen("away", "its host name is not known here")),
        ("unix:///no/such/redis.sock", Seen("away", "nothing listens there")),
    ],
)
def test_a_redis_that_is_not_there_may_come_back(url: str, expected: Seen) -> None:
    assert look(url) == expected
    require_usable(Settings(redis_url=SecretStr(url)))


def test_a_database_that_there_is_not_is_told_as_that(port: int) -> None:
    assert look(f"redis://127.0.0.1:{port}/99") == Seen("refuses", "it has no database of that number")


@pytest.fixture
def locked_out(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Every door of ours before a Redis that refuses its password."""
    with listener(saying("-WRONGPASS invalid username-password pair or user is disabled.")) as port:
        url = SecretStr(f"redis://:{PASSWORD}@127.0.0.1:{port}/0")
        shut = settings.model_copy(update={"redis_url": url})
        for room in ("bot.__main__", "worker.__main__", "heygem.cli.processes"):
            monkeypatch.setattr(f"{room}.load_settings", lambda: shut)
        yield shut


@pytest.mark.parametrize("door", ["console", "slack", "telegram", "web", "worker"])
@pytest.mark.usefixtures("locked_out")
def test_a_redis_that_refuses_ends_every_process_with_one_sentence(
    door: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.__main__.setup_logging", lambda _: None)
    assert (worker.__main__.main() if door == "worker" else bot([door])) == 1
    said = capsys.readouterr()
    (sentence,) = (said.out + said.err).splitlines()
    assert "user or password" in sentence
    assert "redis_refused" in sentence
    assert PASSWORD not in sentence


@pytest.mark.parametrize("start", [processes.up, processes.chat])
@pytest.mark.usefixtures("locked_out")
def test_nothing_starts_before_a_redis_that_refuses(
    start: Callable[[], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(processes, "running", pytest.fail)
    monkeypatch.setattr(processes, "require_ports", lambda _: None)
    with pytest.raises(HeygemError) as caught:
        start()
    assert caught.value.code is ErrorCode.REDIS_REFUSED
    assert "password" in str(caught.value.params["reason"])
    assert "is up" not in "".join(capsys.readouterr())


def test_up_waits_for_a_redis_that_is_still_reading_its_data(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loading = "-LOADING Redis is loading the dataset in memory"
    monkeypatch.setattr(processes, "running", pytest.fail)
    monkeypatch.setattr(processes, "require_ports", lambda _: None)
    monkeypatch.setattr(processes, "_LOOK_S", 0.01)
    with listener(saying(loading, loading, "-NOAUTH Authentication required.")) as port:
        reading = settings.model_copy(update={"redis_url": SecretStr(f"redis://127.0.0.1:{port}/0")})
        monkeypatch.setattr(processes, "load_settings", lambda: reading)
        with pytest.raises(HeygemError) as caught:
            processes.up()
    assert caught.value.params["reason"] == "it wants another user or password"
    assert capsys.readouterr().err.count("still reading its data") == 1


def test_the_doctor_tells_the_same_and_never_the_password(
    locked_out: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "try_in_child", lambda *_: Tried(0.1, None))
    (finding,) = [found for found in doctor.examine(locked_out) if found.name == "Redis"]
    assert finding.grade == "missing"
    assert "user or password" in finding.remedy
    assert PASSWORD not in str(finding)
