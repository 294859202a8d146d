"""`heygem render`: one voice, one template, one video."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from heygem.base.settings import load_settings
from heygem.cli import inputs, local, outputs, parameters
from heygem.cli.progress import bar, facts, notes, print_json, say, say_listening
from heygem.engines.base import RenderJob, RenderResult


def render(
    audio: Annotated[Path, typer.Option("--audio", help="The voice: a recording, or a video with sound.")],
    template: Annotated[Path, typer.Option("--template", help="The video or portrait of who shall speak.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write the video (.mp4); what is there is replaced.")],
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
    trace: Annotated[Path | None, typer.Option("--trace", help="Write the mouth's targets per frame (.npz).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Make the person in TEMPLATE speak AUDIO.

    Exit codes: 0 it was made, 2 the command can't be right, 1 it failed, 130 Ctrl-C.
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
    settings = load_settings()
    sources = [audio, template, *([transcript] if transcript else [])]
    output = outputs.writable(out, ".mp4", sources, beside=(".srt",))
    traced = outputs.writable(trace, ".npz", sources) if trace else None
    said = inputs.text(transcript) if transcript else None
    from heygem.engines.spoken import listening_s, require_words  # they bring libav

    require_words(options, said, settings)
    voice = inputs.voice(audio, settings.limits)
    inputs.template(template, settings.limits)
    with ExitStack() as opened:
        job = RenderJob(
            voice=inputs.existing(audio),
            template=inputs.existing(template),
            output=opened.enter_context(outputs.replaced(output, beside=(".srt",))),
            cache=local.cache(),
            options=options,
            transcript=said,
            trace=opened.enter_context(outputs.replaced(traced)) if traced else None,
            voice_name=audio.name,
            template_name=template.name,
            report=opened.enter_context(bar(template.name)),
            find_transcriber=local.find_transcriber,
        )
        say_listening(listening_s(job, voice.duration_s))
        result = local.engine(engine).render(job)
    _tell(result, out, json)


def _tell(result: RenderResult, out: Path, json: bool) -> None:
    if json:
        print_json(result.model_dump(mode="json"))
        return
    say(f"{out} · {facts(result)}", "done")
    for note in notes(result):
        say(f"  {note}")
