"""The items of one `heygem batch`, made in turn."""

import logging
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from heygem.base.errors import ErrorCode
from heygem.base.files import checksum, digest
from heygem.base.limits import Limits
from heygem.base.settings import load_settings
from heygem.batches.model import Batch, BatchState, Failure, Item, ItemState, MediaFile, Output, Place
from heygem.cli import inputs, local
from heygem.cli.failures import no_access
from heygem.cli.kept import Kept, key_of
from heygem.cli.pairs import Pair
from heygem.cli.progress import bar, say_listening
from heygem.cli.telling import Telling
from heygem.engines.base import Engine, Progress, RenderJob, RenderOptions
from heygem.engines.failure import reason
from heygem.media.info import MediaInfo

_log = logging.getLogger(__name__)


class Run:
    """A failure is written down and the next goes on; what was finished before is taken as it is."""

    def __init__(self, kept: Kept, engine: Engine, transcript: str, options: RenderOptions, telling: Telling) -> None:
        self._kept = kept
        self._engine = engine
        self._telling = telling
        self.batch = Batch(
            id=secrets.token_hex(5),
            owner=local.PERSON,
            place=Place(platform="local", chat="cli"),
            language=load_settings().language,
            engine=engine.name,
            options=options,
            transcript=transcript,
            state=BatchState.RUNNING,
            created=time.time(),
        )
        self._probed: dict[Path, MediaFile] = {}
        self._digests: dict[Path, str] = {}

    def go_through(self, work: list[Pair], *, only_kept: bool) -> None:
        """Every item of `work`; with `only_kept` those that are finished already, and the others stay waiting."""
        self.batch.items = [self._item(number, pair) for number, pair in enumerate(work, start=1)]
        self._telling.start(self.batch)
        try:
            for item, pair in zip(self.batch.items, work, strict=True):
                if item.state is ItemState.WAITING and not only_kept:
                    self._make(item, pair)
                if item.state is not ItemState.WAITING:
                    self._telling.item(item, pair)
        except (KeyboardInterrupt, SystemExit):
            self._telling.stopped(self.batch)
            raise
        if not only_kept:
            self.batch.state = BatchState.DONE if self.batch.finished else BatchState.FAILED
        self.batch.ended = time.time()

    def _item(self, number: int, pair: Pair) -> Item:
        """As it was finished before, else waiting."""
        template, voice = _unread(pair.template), _unread(pair.voice)
        here = {"id": f"{self.batch.id}-{number}", "batch": self.batch.id, "number": number}
        found = self._kept.find(key) if (key := self._key(pair)) else None
        if found is None:
            return Item(template=template, voice=voice, **here)
        names = {
            "template": found.template.model_copy(update={"name": inputs.name(pair.template)}),
            "voice": found.voice and found.voice.model_copy(update={"name": inputs.name(pair.voice)}),
        }
        return found.model_copy(update={**here, **names})

    def _make(self, item: Item, pair: Pair) -> None:
        item.started = time.time()
        item.state = ItemState.RUNNING
        try:
            with bar(f"{item.number}/{len(self.batch.items)} {pair.title}") as report:
                self._render(item, pair, report)
        except Exception as error:  # one failure, whatever it is, never stops the others
            needed = item.template.info.size
            why = no_access(error) or reason(error, self._engine.name, self._kept.root, needed)
            if why.code is ErrorCode.ENGINE_FAILED:
                _log.error("%s", pair.template, exc_info=error)
            item.failure = Failure(code=why.code, params=dict(why.params))
            item.state = ItemState.FAILED
            item.ended = time.time()

    def _render(self, item: Item, pair: Pair, report: Callable[[Progress], None]) -> None:
        item.voice = self._probe(pair.voice, inputs.voice)
        item.template = self._probe(pair.template, inputs.template)
        key = self._key(pair) or item.id
        twin = self._kept.find(key)  # the same pair a second time
        item.output = twin.output if twin else self._rendered(pair, key, report)
        item.state, item.ended = ItemState.DONE, time.time()
        self._kept.record(key, item)

    def _rendered(self, pair: Pair, key: str, report: Callable[[Progress], None]) -> Output:
        from heygem.engines.spoken import listening_s  # it brings libav

        making = self._kept.running / "output.mp4"
        job = RenderJob(
            voice=pair.voice.resolve(),
            template=pair.template.resolve(),
            output=making,
            cache=local.cache(),
            options=self.batch.options,
            transcript=self.batch.transcript or None,
            voice_name=inputs.name(pair.voice),
            template_name=inputs.name(pair.template),
            voice_sha256=self._digest(pair.voice),
            template_sha256=self._digest(pair.template),
            report=report,
            find_transcriber=local.find_transcriber,
        )
        say_listening(listening_s(job, self._probe(pair.voice, inputs.voice).info.duration_s))
        result = self._engine.render(job)
        video = self._kept.take(key, making)
        return Output(name=video.name, size=video.stat().st_size, crc32=checksum(video), result=result)

    def _key(self, pair: Pair) -> str | None:
        """What the pair's video is known by; None where a file can't be read."""
        try:
            contents = self._digest(pair.voice), self._digest(pair.template)
        except OSError:
            return None
        options = self.batch.options.model_dump(mode="json")
        return key_of(*contents, self.batch.transcript, options, self._engine.name, self._engine.recipe)

    def _digest(self, path: Path) -> str:
        if path not in self._digests:
            self._digests[path] = digest(path)
        return self._digests[path]

    def _probe(self, path: Path, check: Callable[[Path, Limits], MediaInfo]) -> MediaFile:
        if path not in self._probed:
            info = check(path, load_settings().limits)
            owner = local.PERSON.owner
            self._probed[path] = MediaFile(owner=owner, sha256=self._digest(path), name=inputs.name(path), info=info)
        return self._probed[path]


def _unread(path: Path) -> MediaFile:
    """A file that nobody has looked at yet."""
    info = MediaInfo(format="unknown", duration_s=0, size=0, streams=0)
    return MediaFile(owner=local.PERSON.owner, sha256="", name=inputs.name(path), info=info)
