"""`heygem batch`: one voice, many templates, one zip; no server, no queue."""

from pathlib import Path
from typing import Annotated

import typer

from heygem.archive.members import members
from heygem.archive.plan import ArchivePlan
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import load_settings
from heygem.cli import inputs, local, outputs, parameters
from heygem.cli.kept import folder_beside, kept_beside
from heygem.cli.pairs import Pair, read_pairs
from heygem.cli.progress import say
from heygem.cli.run import Run
from heygem.cli.telling import Telling

SOME_FAILED, NONE_MADE = 3, 4  # exit codes; 2 is a command that can't be right


def batch(
    out: Annotated[Path, typer.Option("--out", help="Where to write the zip; what is there is replaced.")],
    templates: Annotated[list[Path] | None, typer.Argument(help="Videos or portraits of who shall speak.")] = None,
    audio: Annotated[Path | None, typer.Option("--audio", help="The voice that speaks in all of them.")] = None,
    pairs: Annotated[
        Path | None, typer.Option("--pairs", help="CSV with the columns audio and template: each has its own voice.")
    ] = None,
    engine: parameters.EngineName = None,
    transcript: parameters.Transcript = None,
    resolution: parameters.Resolution = parameters.DEFAULTS.resolution,
    lip_strength: parameters.LipStrength = parameters.DEFAULTS.lip_strength,
    smoothness: parameters.Smoothness = parameters.DEFAULTS.smoothness,
    length_mismatch: parameters.LengthMismatch = parameters.DEFAULTS.length_mismatch,
    stills: parameters.Stills = parameters.DEFAULTS.stills,
    subtitles: parameters.Subtitles = parameters.DEFAULTS.subtitles,
    words: parameters.Words = parameters.DEFAULTS.words,
    chinese: parameters.Chinese = parameters.DEFAULTS.chinese,
    partial: Annotated[
        bool, typer.Option("--partial", help="Pack what an earlier, stopped run has finished; make nothing new.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line on stdout.")] = False,
) -> None:
    """Make everyone in TEMPLATES speak AUDIO, and pack the videos.

    Stopped, killed, or with failures, it keeps what is finished in OUT.partial; the same command goes on from there.

    Exit codes: 0 all made, 3 some not, 4 none, 2 the command can't be right, 1 it failed as a whole, 130 Ctrl-C.
    """
    options = local.options(
        resolution=resolution,
        lip_strength=lip_strength,
        smoothness=smoothness,
        length_mismatch=length_mismatch,
        stills=stills,
        subtitles=subtitles,
        words=words,
        chinese=local.characters(chinese),
    )
    work = _work(audio, templates or [], pairs)
    sources = {path for pair in work for path in (pair.voice, pair.template)} | {*filter(None, (pairs, transcript))}
    target = outputs.writable(out, ".zip", sources)
    outputs.require_outside(folder_beside(target), sources)
    said = inputs.text(transcript) if transcript else ""
    from heygem.engines.spoken import require_words  # it brings libav

    require_words(options, said, load_settings())
    if audio is not None:
        inputs.voice(audio, load_settings().limits)
    puts = local.engine(engine)
    telling = Telling(out, len(work), load_settings().language, json=json)
    with kept_beside(target) as kept:
        run = Run(kept, puts, said, options, telling)
        run.go_through(work, only_kept=partial)
        if run.batch.finished:
            ArchivePlan(members(run.batch, kept)).write_to(target)
        if len(run.batch.finished) == len(work):
            kept.clear()
    telling.end(run.batch)
    if len(run.batch.finished) < len(work):
        raise typer.Exit(SOME_FAILED if run.batch.finished else NONE_MADE)


def _work(audio: Path | None, templates: list[Path], pairs: Path | None) -> list[Pair]:
    found: list[Pair] = []
    if pairs:
        table = read_pairs(pairs)
        found += table.pairs
        if table.ignored:
            say(f"{pairs.name}: nothing is read from the columns {', '.join(table.ignored)}")
    if templates and audio is None:
        raise HeygemError(ErrorCode.VOICE_MISSING)
    if audio is not None:
        found += [Pair(audio, template) for template in templates]
    if not found:
        raise HeygemError(ErrorCode.TEMPLATES_MISSING)
    return found
