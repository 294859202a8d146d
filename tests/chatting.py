"""A person talking to the bot through its public door, with files that say in words what probing shall find."""

from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from redis.asyncio import Redis

from bot.dialogue.access import Access
from bot.dialogue.codec import decode, parse
from bot.dialogue.dialogue import Dialogue
from bot.dialogue.intents import AddFile, Intent
from bot.dialogue.message import Attachment, Button, LinkButton, Reply, Said, Say, ShowStatus, Tell
from bot.dialogue.services import Services
from bot.previews.child import asked
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import Limits
from heygem.base.settings import Settings
from heygem.batches.claims import Claims
from heygem.batches.model import Failure, Output, Person, Place, output_name
from heygem.batches.people import People
from heygem.batches.store import Store
from heygem.links.download import Links
from heygem.media.info import AudioInfo, MediaInfo, VideoInfo
from heygem.storage.layout import Storage
from tests import factories
from tests.factories import render_result

_numbers = count(1)
MADE = b"a video"  # by the stand-in for a worker


def probe_words(path: Path, name: str, limits: Limits) -> MediaInfo:
    """Stands in for the real probe: "voice 2", "hush 2" (silent), "video 4", "mute 4" (without sound), "still"."""
    kind, _, rest = path.read_text().partition(" ")
    seconds = float(rest.split()[0]) if rest else 0.0
    if kind not in ("voice", "video", "mute", "still", "cover", "hush"):
        raise HeygemError(ErrorCode.NOT_MEDIA, name=name)
    still = kind == "still"
    video = VideoInfo(
        codec="h264", width=640, height=480, rotation=0, fps=25, frames=round(25 * seconds), pixel_format="yuv420p"
    )
    audio = AudioInfo(codec="aac", sample_rate=48_000, channels=1, audible=kind != "hush")
    return MediaInfo(
        format="image" if still else "mp3" if kind == "cover" else "mp4",
        duration_s=seconds,
        size=path.stat().st_size,
        streams=1,
        video=None if kind in ("voice", "hush") else video,
        audio=None if kind in ("mute", "still") else audio,
    )


async def asked_words(module: str, *arguments: str) -> bytes | None:
    """Stands in for `bot.previews.child.asked`: a child sees nothing in words, and need not be started to say so."""
    return await asked(module, *arguments) if b"\0" in Path(arguments[0]).read_bytes()[:100] else None


async def excerpt_of_words(_: str, voice: str, target: str, piece: str) -> bytes:
    """Stands in for the child that cuts a piece out of a voice."""
    seconds = {"3s": 3, "picture": 0.6}[piece]
    Path(target).write_text(f"voice {seconds} piece of {Path(voice).read_text()}")
    return b""


@dataclass
class Room:
    """A bot on real Redis and real storage."""

    redis: Redis
    settings: Settings
    store: Store = field(init=False)
    people: People = field(init=False)
    links: Links = field(init=False)
    access: Access = field(init=False)
    storage: Storage = field(init=False)
    dialogue: Dialogue = field(init=False)

    def __post_init__(self) -> None:
        self.storage = Storage(self.settings.data_dir)
        self.store, self.people = Store(self.redis, self.settings), People(self.redis)
        self.links, self.access = Links(self.redis, self.settings), Access(self.redis)
        self.dialogue = Dialogue(Services.over(self.redis, self.settings))

    async def work(self, *failing: int, only: int = 1000) -> None:
        """Do what a worker does: end up to `only` items; those with a number in `failing` have no face."""
        claims = Claims(self.redis, self.settings)
        for _ in range(only):
            if (claim := await factories.claim(claims)) is None:
                return
            if claim.item.number in failing:
                params = {"name": claim.item.template.name}
                await claims.fail(claim, Failure(code=ErrorCode.NO_FACE, params=params))
                continue
            path = self.storage.results(claim.batch.owner.owner, claim.batch.id) / output_name(
                claim.item.id, claim.fence
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(MADE)
            await claims.finish(claim, Output(name=path.name, size=len(MADE), crc32=0x5A1B2C3D, result=render_result()))

    def files(self) -> list[str]:
        """The content of every kept file."""
        return sorted(path.read_text() for path in self.storage.owners.rglob("files/*"))


@dataclass
class Chat:
    """One person in one place. Replies come as lists of texts; "(status)" stands for the status message."""

    room: Room
    person: Person = Person(platform="console", id="anna")  # noqa: RUF009 (frozen)
    place: Place = Place(platform="console", chat="home")  # noqa: RUF009
    language: str | None = "en"
    private: bool = True
    direct: bool = True
    replies: tuple[Reply, ...] = ()
    error: HeygemError | None = None
    last_id: str = ""
    name: str = ""
    tells: list[Tell] = field(default_factory=list)

    async def say(self, text: str, reply_to: str | None = None) -> list[str]:
        return await self.tell(self._said(reply_to), parse(text))

    async def send(
        self, content: str, name: str = "", caption: str = "", reply_to: str | None = None, size: int | None = None
    ) -> list[str]:
        async def fetch(path: Path, limit: int) -> None:
            assert limit == self.room.settings.limits.file_mb * 1_000_000
            path.write_text(content)

        attachment = Attachment(fetch, name=name, size=size)
        return await self.tell(self._said(reply_to), AddFile(attachment, caption))

    async def send_file(self, path: Path, caption: str = "") -> list[str]:
        """A real file, for a test in which probing is real too."""

        async def fetch(target: Path, _: int) -> None:
            target.write_bytes(path.read_bytes())

        attachment = Attachment(fetch, name=path.name, size=path.stat().st_size)
        return await self.tell(self._said(), AddFile(attachment, caption))

    async def press(self, label: str) -> list[str]:
        """Press a button of the last replies by what stands on it."""
        labels = {button.label: button for button in self.buttons()}
        return await self.press_data(labels[label].data)

    async def press_data(self, data: str, pressed: str | None = None) -> list[str]:
        """`pressed`: the message that the button stands below, for those that change in place."""
        return await self.tell(replace(self._said(), pressed=pressed), decode(data, self.person))

    async def tell(self, said: Said, intent: Intent) -> list[str]:
        answer = await self.room.dialogue.do(said, intent)
        self.replies, self.error, self.last_id = answer.replies, answer.error, said.id
        self.tells = [reply for reply in answer.replies if isinstance(reply, Tell)]
        shown = [reply for reply in answer.replies if not isinstance(reply, Tell)]
        return ["(status)" if isinstance(reply, ShowStatus) else reply.text for reply in shown]

    def buttons(self) -> list[Button]:
        says = [reply for reply in self.replies if isinstance(reply, Say)]
        return [button for say in says for button in say.buttons if isinstance(button, Button)]

    def urls(self) -> list[str]:
        says = [reply for reply in self.replies if isinstance(reply, Say)]
        return [button.url for say in says for button in say.buttons if isinstance(button, LinkButton)]

    async def ready(self, templates: int = 1) -> None:
        """A voice and some templates."""
        await self.send(f"voice 2 {next(_numbers)}", "voice.ogg")
        for number in range(1, templates + 1):
            await self.send(f"video 4 {next(_numbers)}", f"face {number}.mp4")

    def _said(self, reply_to: str | None = None) -> Said:
        return Said(
            person=self.person,
            place=self.place,
            id=f"message-{next(_numbers)}",
            reply_to=reply_to,
            language=self.language,
            private=self.private,
            direct=self.direct,
            name=self.name,
        )
