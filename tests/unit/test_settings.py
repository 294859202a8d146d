"""What a wrong setting is told as."""

from collections.abc import Iterator

import pytest

from heygem.errors import ErrorCode, HeygemError
from heygem.sentences import explain_error
from heygem.settings import Web, load_settings


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


@pytest.mark.parametrize(
    ("name", "value", "setting"),
    [
        ("HEYGEM_REDIS_URL", "nonsense", "redis_url"),
        ("HEYGEM_REDIS_URL", "redis://:hush/hush@localhost:6379", "redis_url"),
        ("HEYGEM_REDIS_URL", "redis://:hush#hush@localhost:6379", "redis_url"),
        ("HEYGEM_REDIS_URL", "redis://:hush@localhost:6379/mine", "redis_url"),
        ("HEYGEM_REDIS_URL", "redis://:hush@localhost:6379/0?hush=1", "redis_url"),
        ("HEYGEM_REDIS_URL", "redis://[::1", "redis_url"),
        ("HEYGEM_WEB__PORT", "99999", "web.port"),
        ("HEYGEM_LIMITS__VOICE_SECONDS", "-5", "limits.voice_seconds"),
        ("HEYGEM_LANGUAGE", "xx", "language"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, setting: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(HeygemError) as caught:
        load_settings()
    assert caught.value.code is ErrorCode.BAD_SETTING
    assert caught.value.params["setting"] == setting
    assert "hush" not in explain_error(caught.value)


@pytest.mark.parametrize("url", ["redis://localhost", "rediss://me:hush@host:6380/2", "unix:///run/redis.sock?db=1"])
def test_every_kind_of_redis_url_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HEYGEM_REDIS_URL", url)
    taken = load_settings().redis_url
    assert taken is not None
    assert taken.get_secret_value() == url


@pytest.mark.parametrize(
    ("web", "url"),
    [
        (Web(), "http://127.0.0.1:8080"),
        (Web(host="::1", port=81), "http://[::1]:81"),
        (Web(host="::1", public_url="https://example.org/"), "https://example.org"),
    ],
)
def test_links_begin_with_an_address_that_a_browser_takes(web: Web, url: str) -> None:
    assert web.base_url == url
