"""What people are told, by the door at which they stand."""

import re
from pathlib import Path

import pytest

from heygem.base.errors import ErrorCode
from heygem.base.sentences import LANGUAGES, Language, explain
from heygem.base.sentences.zh import SENTENCES as CHINESE

HEYGEM = Path(__file__).parents[2] / "heygem"
# Where the command line's and ComfyUI's errors come from.
LOCAL = (
    "cli",
    "comfyui",
    "engines",
    "face",
    "media",
    "speech",
    "archive/plan.py",
    "cache.py",
    "extras.py",
    "storage.py",
)
CHAT = re.compile(
    r"\bsend\b|\bmessage|(?<!\S)/[a-z]+|\badmin\b|(?<!-)\bbot\b|\bI\b|发送|发给|管理员|机器人|消息", re.IGNORECASE
)


def local_codes() -> set[ErrorCode]:
    files = [path for name in LOCAL for path in (HEYGEM / name).rglob("*.py")] + [HEYGEM / name for name in LOCAL]
    text = "".join(path.read_text() for path in files if path.is_file())
    return {ErrorCode[name] for name in re.findall(r"ErrorCode\.([A-Z_]+)", text)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_line_and_comfyui_speak_of_no_chat(language: Language) -> None:
    codes = local_codes() - {ErrorCode.ALREADY_UP}  # that the bot runs is its sense
    assert {ErrorCode.BROKEN_MEDIA, ErrorCode.WEIGHTS_MISSING, ErrorCode.VOICE_MISSING} <= codes
    params = {name: "x" for code in codes for name in re.findall(r"{(\w+)}", _pattern(code, language))}
    chatty = {code: said for code in codes if CHAT.search(said := explain(code, params, language, "local"))}
    assert not chatty


def _pattern(code: ErrorCode, language: Language) -> str:
    from heygem.base import sentences

    return sentences._CATALOGUES["local"][language][code]


def test_a_file_without_a_name_is_not_quoted() -> None:
    lost = {"name": "", "service": "Telegram"}
    assert explain(ErrorCode.FETCH_FAILED, lost).startswith("This file could not be fetched from Telegram.")
    assert explain(ErrorCode.FETCH_FAILED, lost, "zh") == "无法从 Telegram 获取该文件，请重新发送。"
    assert explain(ErrorCode.TOO_LARGE, {"name": "", "actual_mb": 9, "limit_mb": 3}).startswith("This file has 9 MB")


def test_a_chat_still_asks_to_send_it_again() -> None:
    assert explain(ErrorCode.BROKEN_MEDIA, {"name": "a.mp4"}).endswith("Please send it again.")
    assert explain(ErrorCode.BROKEN_MEDIA, {"name": "a.mp4"}, door="local").endswith("Please try another copy.")


def test_chinese_sentences_are_polite() -> None:
    said = " ".join(CHINESE.values())
    assert "您" in said
    assert "你" not in said
