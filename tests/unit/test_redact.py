import logging
from collections.abc import Iterator

import pytest

from heygem.base.redact import RedactFilter, hide, redact, setup_logging

TELEGRAM = "123456789:AAF-abcdefghijklmnopqrstuvwxyz_012345"
LINK = "pX3_9fDk2hQ7vN4sT8wYzB1cM6jR5gL0aEiUoKxWqHt"


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
    logging.captureWarnings(capture=False)
    for name in ("httpx", "httpcore", "hpack", "PIL", "urllib3", "telegram", "tornado"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"POST https://api.telegram.org/bot{TELEGRAM}/getMe", TELEGRAM),
        (f"/srv/telegram/{TELEGRAM.replace(':', '%3A')}/videos/1.mp4", "AAF-abcdef"),
        ("Authorization: Bearer xoxb-1-2-SecretPart", "SecretPart"),
        ("xoxe.xoxp-1-SecretPart", "SecretPart"),
        (f"Authorization: Bearer hgm_{LINK}", LINK),
        ("secret='whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("opening with xapp-1-A0-99-SecretPart", "SecretPart"),
        ("https://hooks.slack.com/commands/T1/2/SecretPart", "SecretPart"),
        (f'"GET /b/{LINK}/video/1.mp4 HTTP/1.1" 206', LINK),
        (f"HEAD /u/{LINK}/files/3?x", LINK),
        (f"POST /studio/enter/{LINK}", LINK),
        (f'"GET /t/{LINK}/0123456789abcdef0123/5ec4e7.jpg HTTP/1.1" 200', LINK),
        (f"GET /download/batch?token={LINK}&x=1", LINK),
        ("wss://x.slack.com/link?TOKEN=SecretPart", "SecretPart"),
        ("redis://worker:SecretPart@queue:6379/0", "SecretPart"),
    ],
)
def test_a_secret_never_passes(text: str, secret: str) -> None:
    cleaned = redact(text)

    assert secret not in cleaned
    assert "<redacted>" in cleaned


@pytest.mark.parametrize(
    "text", ["batch abc2def finished in 12:34:56", "GET /b/x 404", "https://example.org/a@b", "0123456789 bytes"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_what_is_left_of_a_link_still_helps_to_find_the_fault() -> None:
    assert redact(f"GET /b/{LINK}/thumb/3.jpg") == "GET /b/<redacted>/thumb/3.jpg"


def test_arguments_and_tracebacks_are_redacted_too(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("INFO")
    logger = logging.getLogger("heygem.test")

    logger.info("asking %s", f"https://api.telegram.org/bot{TELEGRAM}/getFile")
    try:
        raise ConnectionError(f"no answer from redis://:{TELEGRAM}@queue")
    except ConnectionError:
        logger.exception("lost", stack_info=True)

    written = capsys.readouterr().err
    assert "asking https://api.telegram.org/bot<redacted>/getFile" in written
    assert "ConnectionError" in written
    assert TELEGRAM not in written


def test_a_wrong_format_string_costs_no_record_and_shows_no_argument() -> None:
    record = logging.makeLogRecord({"msg": "%d items", "args": (TELEGRAM,)})

    assert RedactFilter().filter(record)
    assert record.getMessage() == "%d items (arguments don't fit)"


def test_libraries_that_log_whole_addresses_are_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("DEBUG")

    logging.getLogger("httpx").info("HTTP Request: GET https://x")

    assert "HTTP Request" not in capsys.readouterr().err


def test_setting_up_twice_logs_once(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("INFO")
    setup_logging("INFO")

    logging.getLogger("heygem.test").info("only once")

    assert capsys.readouterr().err.count("only once") == 1


def test_the_filter_lets_every_record_through() -> None:
    assert RedactFilter().filter(logging.makeLogRecord({"msg": "x"}))


def test_a_secret_that_a_setting_names_is_hidden_whatever_it_looks_like(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heygem.base.redact._KNOWN", set())
    hide("42:short-one", "", "ab")

    assert redact("POST http://127.0.0.1/bot42:short-one/getMe ab") == "POST http://127.0.0.1/bot<redacted>/getMe ab"
