"""Where settings come from, what a wrong one is told as, and the file that lists them all."""

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

import bot.__main__
import heygem.health
import worker.__main__
from heygem.base import setting_files
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import LANGUAGES, explain_error
from heygem.base.setting_files import config_file
from heygem.base.settings import Settings, Web, load_settings
from heygem.cli.app import app

ROOT = Path(__file__).parents[2]
LISTED = (ROOT / "config" / "heygem.toml").read_text()
SECRETS = {"telegram_token", "slack_bot_token", "slack_app_token", "slack_signing_secret"}  # not in a file of TOML


@pytest.fixture(autouse=True)
def _read_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """In a folder without any settings."""
    for name in os.environ:
        if name.startswith("HEYGEM_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def refused() -> HeygemError:
    """What is wrong with the settings, which is one line in each language."""
    with pytest.raises(HeygemError) as caught:
        load_settings()
    assert not [language for language in LANGUAGES if "\n" in explain_error(caught.value, language)]
    return caught.value


# The file that lists them all.


def fields(model: type[BaseModel] = Settings, before: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting that has a value of its own, and what each entry of a list has."""
    for name, field in model.model_fields.items():
        kinds = get_args(field.annotation) or (field.annotation,)
        inner = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not inner or kinds != (field.annotation,):
            yield f"{before}{name}", field
        for kind in inner:
            yield from fields(kind, f"{before}{name}.")


def opened(text: str) -> str:
    """With the examples that stand in comments as if they were set."""
    text = re.sub(r"^# (?=[a-z_]+ = )", "", text, flags=re.MULTILINE)
    return re.sub(r"= \[\] +# (\[.*\])$", r"= \1", text, flags=re.MULTILINE)


def flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in table.items():
        if not isinstance(value, dict):
            found[f"{before}{name}"] = value
        for entry in value if isinstance(value, list) else [value]:
            found |= flat(entry, f"{before}{name}.") if isinstance(entry, dict) else {}
    return found


def wrong(text: str) -> set[str]:
    """In what a file of settings differs from the settings that there are."""
    here, shown = flat(tomllib.loads(text)), flat(tomllib.loads(opened(text)))
    known = {name: field for name, field in fields() if name not in SECRETS}
    differing = {f"{name} is missing" for name in known.keys() - shown.keys()}
    differing |= {f"{name} is no setting" for name in shown.keys() - known.keys()}
    for name in known.keys() & shown.keys():
        default = None if known[name].is_required() else known[name].get_default(call_default_factory=True)
        if default is None:
            differing |= {f"{name} has no default"} if name in here else set()
        elif (str(default) if isinstance(default, Path) else default) != here.get(name, shown[name]):
            differing.add(f"{name} is {default}")
        elif "endpoints." not in name and name not in here:
            differing.add(f"{name} stands in a comment only")
    return differing


def test_the_file_lists_every_setting_with_its_default() -> None:
    assert wrong(LISTED) == set()


@pytest.mark.parametrize(
    ("text", "changed", "said"),
    [
        ('language = "en"', "", {"language is missing"}),
        ("# redis_url =", "#", {"redis_url is missing"}),
        (', inside = ""', "", {"duix.endpoints.inside is missing"}),
        ("\nport =", "\nprot =", {"web.port is missing", "web.prot is no setting"}),
        ("# models_dir =", "# model_dir =", {"models_dir is missing", "model_dir is no setting"}),
        ('inside = ""', 'insde = ""', {"duix.endpoints.inside is missing", "duix.endpoints.insde is no setting"}),
        ("\nport = 8080", "\nport = 8081", {"web.port is 8080"}),
        ('data_dir = "data"', 'data_dir = "date"', {"data_dir is data"}),
        ('inside = ""', 'inside = "/in"', {"duix.endpoints.inside is "}),
        ("# redis_url =", "redis_url =", {"redis_url has no default"}),
        ("\nwatermark =", "\n# watermark =", {"duix.watermark stands in a comment only"}),
    ],
)
def test_a_file_that_lists_something_else_is_found_out(text: str, changed: str, said: set[str]) -> None:
    assert LISTED.count(text) == 1
    assert wrong(LISTED.replace(text, changed)) == said


@pytest.mark.parametrize("again", ['engine = "mesh"\n', '# engine = "mesh"\n', '# redis_url = "redis://b"\n'])
def test_a_file_that_lists_something_twice_is_found_out(again: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        wrong(again + LISTED)


def test_the_file_leaves_out_secrets_alone_and_says_what_they_are_called() -> None:
    assert {name for name, field in fields() if SecretStr in (field.annotation, *get_args(field.annotation))} == {
        *SECRETS,
        "redis_url",
    }
    header = LISTED[: LISTED.index("\ndata_dir")]
    assert not {name for name in SECRETS if f"HEYGEM_{name.upper()}" not in header}


def test_what_stands_in_the_files_comments_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "all.toml").write_text(opened(LISTED))
    monkeypatch.setenv("HEYGEM_CONFIG", "all.toml")
    settings = load_settings()
    assert (settings.limits.render_memory_mb, len(settings.duix.endpoints)) == (8000, 1)


# Where they come from.


@pytest.mark.parametrize(
    ("places", "port"),
    [([], 8080), (["toml"], 1), (["toml", ".env"], 2), (["toml", ".env", "environment"], 3), ([".env", "shell"], 4)],
)
def test_the_environment_comes_before_env_before_the_file_before_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, places: list[str], port: int
) -> None:
    (tmp_path / "mine.toml").write_text("[web]\nport = 1" if "toml" in places else "")
    monkeypatch.setenv("HEYGEM_CONFIG", "mine.toml")
    if ".env" in places:
        (tmp_path / ".env").write_text("HEYGEM_WEB__PORT=2\nWORKERS=2\n")
    if "environment" in places:
        monkeypatch.setenv("HEYGEM_WEB__PORT", "3")
    if "shell" in places:
        monkeypatch.setenv("HEYGEM_WEB", '{"port": 4}')
        (tmp_path / ".env").write_text("HEYGEM_WEB='{\"port\": 2}'\n")
    assert load_settings().web.port == port


def test_a_group_is_put_together_from_every_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[web]\nhost = "0.0.0.0"\nport = 1\nnginx = true')
    (tmp_path / ".env").write_text("HEYGEM_CONFIG=mine.toml\nHEYGEM_WEB__PORT=2\nHEYGEM_WEB__UPLOAD_HOURS=2.5\n")
    monkeypatch.setenv("HEYGEM_WEB", '{"port": 3, "warn_above_mb": 4}')
    monkeypatch.setenv("HEYGEM_WEB__WARN_ABOVE_MB", "5")
    web = load_settings().web
    assert (web.host, web.nginx, web.upload_hours, web.port, web.warn_above_mb) == ("0.0.0.0", True, 2.5, 3, 5)  # noqa: S104


def test_the_checkouts_file_is_found_from_any_folder_and_one_in_the_folder_comes_first(tmp_path: Path) -> None:
    assert config_file() == ROOT / "config" / "heygem.toml"
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "heygem.toml").write_text('language = "zh"')
    assert load_settings().language == "zh"


def test_outside_a_checkout_the_defaults_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(setting_files, "__file__", str(tmp_path / "site-packages" / "heygem" / "setting_files.py"))
    assert config_file() is None
    assert load_settings() == Settings.model_construct()


def test_a_file_as_windows_writes_it_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b'\xef\xbb\xbflanguage = "zh"\r\n')
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfHEYGEM_CONFIG=mine.toml\r\n")
    assert load_settings().language == "zh"


# What is told.


@pytest.mark.parametrize(
    ("name", "value", "setting"),
    [
        ("HEYGEM_REDIS_URL", "nonsense", "redis_url"),
        ("HEYGEM_REDIS_URL", "redis://:hush/hush@localhost:6379", "redis_url"),
        ("HEYGEM_REDIS_URL", "redis://:hush#hush@localhost:6379", "redis_url"),
        ("HEYGEM_REDIS_URL", "redis://:hush@localhost:6379/mine", "redis_url"),
        ("HEYGEM_REDIS_URL", "redis://:hush@localhost:6379/0?hush=1", "redis_url"),
        ("HEYGEM_REDIS_URL", "redis://[::1", "redis_url"),
        ("HEYGEM_REDIS_URL", "rediss://:hush@localhost:6379/0?ssl_cert_reqs=CERT_NONE", "redis_url"),
        ("HEYGEM_REDIS_URL", "redis://:hush@localhost:6379/0?protocol=4", "redis_url"),
        ("HEYGEM_WEB__PORT", "99999", "web.port"),
        ("HEYGEM_LIMITS__VOICE_SECONDS", "-5", "limits.voice_seconds"),
        ("HEYGEM_LANGUAGE", "xx", "language"),
        ("HEYGEM_WEB", '{"hush"', "HEYGEM_WEB"),
        ("HEYGEM_WEB", '"hush"', "web"),
        ("HEYGEM_DUIX__ENDPOINTS", "http://me:hush@127.0.0.1:8383", "HEYGEM_DUIX__ENDPOINTS"),
    ],
)
@pytest.mark.parametrize("place", ["environment", ".env"])
def test_a_wrong_setting_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str, name: str, value: str, setting: str
) -> None:
    if place == ".env":
        (tmp_path / ".env").write_text(f"{name}='{value}'")
    else:
        monkeypatch.setenv(name, value)
    told = refused()
    assert (told.code, told.params["setting"]) == (ErrorCode.BAD_SETTING, setting)
    assert "hush" not in explain_error(told)


@pytest.mark.parametrize("url", ["redis://localhost/0/", "rediss://me:hush@host:6380/2", "unix:///run/redis.sock?db=1"])
def test_every_kind_of_redis_url_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HEYGEM_REDIS_URL", url)
    taken = load_settings().redis_url
    assert taken is not None
    assert taken.get_secret_value() == url


@pytest.mark.parametrize(
    ("file", "written", "setting", "near"),
    [
        ("environment", "HEYGEM_LANGAUGE=zh", "HEYGEM_LANGAUGE", "HEYGEM_LANGUAGE"),
        ("environment", "heygem_web__prot=1", "heygem_web__prot", "HEYGEM_WEB__PORT"),
        ("environment", 'HEYGEM_WEB={"prot": 1}', "web.prot", ""),
        (".env", "HEYGEM_LANGAUGE=zh", "HEYGEM_LANGAUGE", "HEYGEM_LANGUAGE"),
        (".env", "HEYGEM_WEB__PROT=", "HEYGEM_WEB__PROT", "HEYGEM_WEB__PORT"),
        ("mine.toml", 'langauge = "zh"', "langauge", "language"),
        ("mine.toml", "[web]\nprot = 1", "web.prot", "web.port"),
        ("mine.toml", "[wbe]", "wbe", "web"),
        (
            "mine.toml",
            'duix.endpoints = [{url = "http://a", folder = "b", insde = "c"}]',
            "duix.endpoints.0.insde",
            "",
        ),
    ],
)
def test_a_misspelt_name_is_told_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str, written: str, setting: str, near: str
) -> None:
    if file == "environment":
        monkeypatch.setenv(*written.split("=", 1))
    else:
        (tmp_path / file).write_text(written)
    if file.endswith("toml"):
        monkeypatch.setenv("HEYGEM_CONFIG", file)
    told = refused()
    assert (told.code, told.params["setting"]) == (ErrorCode.BAD_SETTING, setting)
    assert told.params["reason"] == "there is no such setting" + (f"; the nearest is {near}" if near else "")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("mine.toml", b'language = "zh"\nport = = 1', "Invalid value (at line 2, column 8)"),
        ("mine.toml", b"language = '\xff'", "it is not UTF-8 text"),
        (".env", b"HEYGEM_LANGUAGE=\xff", "it is not UTF-8 text"),
        (".env", b"HEYGEM_TELEGRAM_TOKEN:123456:AAhush\n", "line 1 is not NAME=value"),
        (".env", b"\n# mine\n\n\nHEYGEM_LANGUAGE zh\n", "line 5 is not NAME=value"),
    ],
)
def test_a_file_that_is_none_of_settings_is_named_with_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    if name != ".env":
        monkeypatch.setenv("HEYGEM_CONFIG", name)
    told = refused()
    assert (told.code, told.params) == (ErrorCode.SETTINGS_FILE, {"name": name, "reason": reason})


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ("none.toml", "HEYGEM_CONFIG names it, but there is no such file"),
        ("folder.toml", "Is a directory"),
        ("/proc/self/mem", "Input/output error"),  # what nobody may read, root neither
    ],
)
def test_a_file_that_is_named_and_cannot_be_read_does_not_become_the_defaults(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str, reason: str
) -> None:
    (tmp_path / "folder.toml").mkdir()
    monkeypatch.setenv("HEYGEM_CONFIG", named)
    told = refused()
    assert (told.code, told.params) == (ErrorCode.SETTINGS_FILE, {"name": named, "reason": reason})


def test_what_other_programs_write_is_not_ours_to_judge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Lines of theirs in `.env`, and what Kubernetes tells every container about a service called heygem."""
    (tmp_path / ".env").write_text("some words here\nexport OTHER='x'\nHEYGEM_LANGUAGE=zh\n")
    of_kubernetes = ("HEYGEM_PORT", "HEYGEM_WEB_PORT", "HEYGEM_PORT_80_TCP")
    for name in of_kubernetes:
        monkeypatch.setenv(name, "tcp://10.0.0.7:80")
    for name in ("HEYGEM_SERVICE_HOST", "HEYGEM_WEB_SERVICE_PORT_HTTP", "HEYGEM_PORT_80_TCP_ADDR"):
        monkeypatch.setenv(name, "10.0.0.7")
    assert load_settings().language == "zh"
    load_settings.cache_clear()
    monkeypatch.setenv("HEYGEM_WEB_PORT", "81")
    assert refused().params["setting"] == "HEYGEM_WEB_PORT"


def test_a_folder_called_env_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert load_settings() == Settings.model_construct()


@pytest.mark.parametrize(
    "door",
    [lambda: bot.__main__.main(["web"]), worker.__main__.main, lambda: heygem.health.main(["worker"])],
    ids=["bot", "worker", "health"],
)
def test_every_process_says_it_in_one_line_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], door: Callable[[], int]
) -> None:
    monkeypatch.setenv("HEYGEM_LANGAUGE", "zh")
    assert door() == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "The setting HEYGEM_LANGAUGE is not valid" in line
    assert line[-13:-1] in ("[bad_setting", "(bad_setting")


def test_the_demo_begins_nothing_with_settings_that_its_processes_would_refuse(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HEYGEM_CONFIG", "gone.toml")
    with pytest.raises(HeygemError) as caught:
        app(["demo"], standalone_mode=False)
    assert caught.value.code is ErrorCode.SETTINGS_FILE
    assert list(tmp_path.iterdir()) == []


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
