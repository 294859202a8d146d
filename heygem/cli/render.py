"""`heygem render`: one voice, one template, one video."""

from pathlib import Path
from typing import Annotated

import typer

from heygem.cli import inputs, local, parameters
from heygem.cli.progress import bar, say
from heygem.engines.base import RenderJob, RenderResult
from heygem.settings import load_settings


def render(
    audio: Annotated[Path, typer.Option("--audio", help="The voice: a recording, or a video with sound.")],
    template: Annotated[Path, typer.Option("--template", help="The video or portrait of who shall speak.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write the video (.mp4).")],
    engine: parameters.EngineName = None,
    transcript: parameters.Transcript = None,
    resolution: parameters.Resolution = parameters.DEFAULTS.resolution,
    lip_strength: parameters.LipStrength = parameters.DEFAULTS.lip_strength,
    smoothness: parameters.Smoothness = parameters.DEFAULTS.smoothness,
    length_mismatch: parameters.LengthMismatch = parameters.DEFAULTS.length_mismatch,
    subtitles: parameters.Subtitles = parameters.DEFAULTS.subtitles,
    trace: Annotated[Path | None, typer.Option("--trace", help="Write the mouth's targets per frame (.npz).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Make the person in TEMPLATE speak AUDIO."""
    options = local.options(
        resolution=resolution,
        lip_strength=lip_strength,
        smoothness=smoothness,
        length_mismatch=length_mismatch,
        subtitles=subtitles,
    )
    settings = load_settings()
    output, traced = inputs.writable(out), inputs.writable(trace) if trace else None
    words = inputs.text(transcript) if transcript else None
    inputs.voice(audio, settings.limits)
    inputs.template(template, settings.limits)
    with bar(template.name) as report:
        result = local.engine(engine).render(
            RenderJob(
                voice=inputs.existing(audio),
                template=inputs.existing(template),
                output=output,
                cache=local.cache(),
                options=options,
                transcript=words,
                trace=traced,
                voice_name=audio.name,
                template_name=template.name,
                report=report,
            )
        )
    _tell(result, out, json)


def _tell(result: RenderResult, out: Path, json: bool) -> None:
    if json:
        typer.echo(result.model_dump_json())
        return
    say(
        f"{out} · {result.duration_s:.1f} s, {result.width}x{result.height}, "
        f"engine {result.engine}, {result.seconds['total']:.1f} s of work",
        "done",
    )
    if result.faces_missing:
        say(f"  no face in {result.faces_missing} of {result.frames} frames: those stay as they were")
    if result.several_faces:
        say("  several faces: the largest one speaks")
    if result.transparent:
        say("  the template is transparent in places: those are white")
