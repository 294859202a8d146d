"""`heygem batch`: one voice, many templates, one zip; no server, no queue."""

import csv
import logging
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from heygem.archive.members import members
from heygem.archive.plan import ArchivePlan
from heygem.batches.model import Batch, BatchState, Failure, Item, ItemState, MediaFile, Output, Place
from heygem.cli import inputs, local, parameters
from heygem.cli.failures import no_access
from heygem.cli.progress import bar, say
from heygem.engines.base import Engine, Progress, RenderJob, RenderOptions
from heygem.engines.failure import reason
from heygem.errors import ErrorCode, HeygemError
from heygem.limits import Limits
from heygem.media.info import MediaInfo
from heygem.sentences import explain_error
from heygem.settings import load_settings
from heygem.storage import Storage, checksum, digest

logger = logging.getLogger(__name__)

Pair = tuple[Path, Path]  # voice, template


def batch(
    out: Annotated[Path, typer.Option("--out", help="Where to write the zip.")],
    templates: Annotated[list[Path] | None, typer.Argument(help="Videos or portraits of who shall speak.")] = None,
    audio: Annotated[Path | None, typer.Option("--audio", help="The voice that speaks in all of them.")] = None,
    pairs: Annotated[Path | None, typer.Option("--pairs", help="CSV: audio,template per line.")] = None,
    engine: parameters.EngineName = None,
    transcript: parameters.Transcript = None,
    resolution: parameters.Resolution = parameters.DEFAULTS.resolution,
    lip_strength: parameters.LipStrength = parameters.DEFAULTS.lip_strength,
    smoothness: parameters.Smoothness = parameters.DEFAULTS.smoothness,
    length_mismatch: parameters.LengthMismatch = parameters.DEFAULTS.length_mismatch,
    subtitles: parameters.Subtitles = parameters.DEFAULTS.subtitles,
) -> None:
    """Make everyone in TEMPLATES speak AUDIO, and pack the videos. Exit code 2 if not one succeeded."""
    options = local.options(
        resolution=resolution,
        lip_strength=lip_strength,
        smoothness=smoothness,
        length_mismatch=length_mismatch,
        subtitles=subtitles,
    )
    target = inputs.writable(out)
    work = _pairs(audio, templates or [], pairs)
    words = inputs.text(transcript) if transcript else ""
    puts = local.engine(engine)
    with tempfile.TemporaryDirectory(prefix=".heygem-", dir=target.parent) as folder:
        run = _Run(Storage(Path(folder)), puts, words, options)
        run.render_all(work)
        if run.batch.finished:
            ArchivePlan(members(run.batch, run.storage)).write_to(target)
    _tell(run.batch, out)
    if not run.batch.finished:
        raise typer.Exit(2)


def _pairs(audio: Path | None, templates: list[Path], pairs: Path | None) -> list[Pair]:
    found = list(_read_pairs(pairs)) if pairs else []
    if templates and audio is None:
        raise HeygemError(ErrorCode.VOICE_MISSING)
    if audio is not None:
        inputs.voice(audio, load_settings().limits)
        found += [(audio, template) for template in templates]
    if not found:
        raise HeygemError(ErrorCode.TEMPLATES_MISSING)
    return found


def _read_pairs(path: Path) -> Iterator[Pair]:
    """The lines of a CSV; paths are relative to it, a heading `audio,template` and empty lines are skipped."""
    rows = csv.reader(inputs.text(path).splitlines())
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells) or [cell.lower() for cell in cells] == ["audio", "template"]:
                continue
            if len(cells) != 2 or not all(cells):
                raise HeygemError(ErrorCode.BAD_PAIRS, line=rows.line_num, name=path.name)
            yield path.parent / cells[0], path.parent / cells[1]
    except csv.Error:  # a cell that is too long
        raise HeygemError(ErrorCode.BAD_PAIRS, line=rows.line_num, name=path.name) from None


class _Run:
    """The items of one command line, each rendered in turn; a failure is written down and the next goes on."""

    def __init__(self, storage: Storage, engine: Engine, transcript: str, options: RenderOptions) -> None:
        self.storage = storage
        self.engine = engine
        self.transcript = transcript
        self.batch = Batch(
            id=secrets.token_hex(5),
            owner=local.PERSON,
            place=Place(platform="console", chat="cli"),
            language=load_settings().language,
            engine=engine.name,
            options=options,
            transcript=transcript,
            state=BatchState.RUNNING,
            created=time.time(),
        )
        self._probed: dict[Path, MediaFile] = {}

    def render_all(self, work: list[Pair]) -> None:
        for number, pair in enumerate(work, start=1):
            item = self._item(number, pair[1])
            self.batch.items.append(item)
            item.started = time.time()
            try:
                with bar(f"{number}/{len(work)} {pair[1].name}") as report:
                    item.output = self._render(item, pair, report)
                item.state = ItemState.DONE
            except Exception as error:  # one failure, whatever it is, never stops the others
                needed = item.template.info.size
                why = no_access(error) or reason(error, self.engine.name, self.storage.root, needed)
                if why.code is ErrorCode.ENGINE_FAILED:
                    logger.error("%s", pair[1], exc_info=error)
                item.failure = Failure(code=why.code, params=dict(why.params))
                item.state = ItemState.FAILED
                say(f"{number} {pair[1].name}: {explain_error(why, self.batch.language)} [{why.code}]", "failed")
            item.ended = time.time()
        self.batch.state = BatchState.DONE if self.batch.finished else BatchState.FAILED
        self.batch.ended = time.time()

    def _item(self, number: int, template: Path) -> Item:
        unread = MediaInfo(format="unknown", duration_s=0, size=0, streams=0)
        file = MediaFile(owner=local.PERSON.owner, sha256="", name=template.name, info=unread)
        return Item(id=f"{self.batch.id}-{number}", batch=self.batch.id, number=number, template=file)

    def _render(self, item: Item, pair: Pair, report: Callable[[Progress], None]) -> Output:
        voice, template = pair
        item.voice = self._probe(voice, inputs.voice)
        self.batch.voice = self.batch.voice or item.voice
        item.template = self._probe(template, inputs.template)
        output = self.storage.results(local.PERSON.owner, self.batch.id) / f"{item.id}.0.mp4"
        output.parent.mkdir(parents=True, exist_ok=True)
        job = RenderJob(
            voice=voice.resolve(),
            template=template.resolve(),
            output=output,
            cache=local.cache(),
            options=self.batch.options,
            transcript=self.transcript or None,
            voice_name=voice.name,
            template_name=template.name,
            voice_sha256=item.voice.sha256,
            template_sha256=item.template.sha256,
            report=report,
        )
        result = self.engine.render(job)
        return Output(name=output.name, size=output.stat().st_size, crc32=checksum(output), result=result)

    def _probe(self, path: Path, check: Callable[[Path, Limits], MediaInfo]) -> MediaFile:
        if path not in self._probed:
            info = check(path, load_settings().limits)
            self._probed[path] = MediaFile(owner=local.PERSON.owner, sha256=digest(path), name=path.name, info=info)
        return self._probed[path]


def _tell(batch: Batch, out: Path) -> None:
    done, total = len(batch.finished), len(batch.items)
    if done:
        say(f"{out} · {done} of {total} videos", "done")
    else:
        say(f"none of {total} videos could be made", "failed")
