"""The parameters that `heygem render` and `heygem batch` have in common: what a person may choose for a video."""

from pathlib import Path
from typing import Annotated

import typer

from heygem.engines.base import RenderOptions

DEFAULTS = RenderOptions()

EngineName = Annotated[
    str | None, typer.Option("--engine", help="mesh, musetalk, latentsync, duix, or auto for the best that can run.")
]
Transcript = Annotated[Path | None, typer.Option("--transcript", help="What the voice says, as a text file.")]
Resolution = Annotated[str, typer.Option(help="source, 720p or 1080p.")]
LipStrength = Annotated[float, typer.Option(help="How far the mouth moves, 0.3 to 1.6.")]
Smoothness = Annotated[float, typer.Option(help="0 follows every sound, 1 is calm.")]
LengthMismatch = Annotated[str, typer.Option(help="Voice longer than template: pingpong, loop, cut or hold.")]
Stills = Annotated[
    str, typer.Option(help="A photo comes alive (blinks, breathes, nods), or is frozen but for its mouth.")
]
Words = Annotated[
    str, typer.Option(help="auto, or off: nobody writes down what no --transcript says, which is quicker.")
]
Chinese = Annotated[
    str,
    typer.Option(help="Characters of what Whisper writes down: simplified, traditional, or auto for your locale's."),
]
Subtitles = Annotated[
    str,
    typer.Option(help="off, on (a track of the video) or burned (in the picture); needs --transcript or Whisper."),
]
