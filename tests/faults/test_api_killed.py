"""The web server is killed while it tells of what has ended: the next one tells it."""

from pathlib import Path

import pytest
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.redis import keys
from heygem.redis.connection import reply
from tests.calling import begun, program
from tests.chatting import Room
from tests.hearing import kinds, listening
from tests.media import make_picture, make_voice
from tests.served import web_server
from tests.uploading import until

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 (signs nothing)


async def test_a_webhook_outlives_the_process_that_was_sending_it(
    redis: Redis, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice, face = make_voice(tmp_path / "voice.wav", 1), make_picture(tmp_path / "face.png", (320, 240))
    room, log = Room(redis, settings), tmp_path / "web.log"
    with listening() as ear:
        monkeypatch.setenv("HEYGEM_API__ALLOWED_HOSTS", f'["{ear.origin}"]')
        ear.open.clear()
        with web_server(settings, log) as server:
            async with program(server, redis) as http:
                address = await begun(http, webhook={"url": ear.url, "secret": SECRET})
                await http.post(f"{address}/voice", content=voice.read_bytes())
                await http.post(f"{address}/templates", content=face.read_bytes())
                assert (await http.post(f"{address}/generate")).status_code == 202
            await room.work()

            async def telling() -> bool:
                return bool(ear.heard)

            await until(telling)
            server.process.kill()
        ear.open.set()
        with web_server(settings, log):

            async def told() -> bool:
                return not await reply(redis.hgetall(keys.dirty("http")))

            await until(told)
        assert kinds(ear, SECRET) == ["item.done", "item.done", "batch.done"]
        assert ear.heard[0].id == ear.heard[1].id
    assert SECRET not in log.read_text()
    assert ear.url not in log.read_text()
