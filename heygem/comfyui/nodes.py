"""The nodes: one template, and many."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from comfy_api.latest import InputImpl, io

from heygem.comfyui.progress import shown
from heygem.comfyui.rendering import Audio, RenderError, render
from heygem.engines import AUTO, ENGINES
from heygem.engines.base import RenderOptions

_DEFAULT = RenderOptions()


def _inputs() -> list[Any]:
    return [
        io.Audio.Input("voice", tooltip="What shall be said."),
        io.Video.Input("template", tooltip="Who shall say it."),
        io.Combo.Input("engine", options=[AUTO, *ENGINES], default=AUTO, tooltip="auto: the best that can run here."),
        io.Combo.Input("resolution", options=["source", "720p", "1080p"], default=_DEFAULT.resolution),
        io.Combo.Input(
            "length_mismatch",
            options=["pingpong", "loop", "cut", "hold"],
            default=_DEFAULT.length_mismatch,
            tooltip="Where the voice is longer than the template.",
        ),
        io.Float.Input("lip_strength", default=_DEFAULT.lip_strength, min=0.3, max=1.6, step=0.1),
        io.Float.Input("smoothness", default=_DEFAULT.smoothness, min=0.0, max=1.0, step=0.05),
        io.Combo.Input(
            "subtitles",
            options=["off", "burned"],  # a track of its own would be lost in the next node
            default=_DEFAULT.subtitles,
            tooltip="In the picture; needs the transcript, or Whisper.",
        ),
        io.Combo.Input(
            "words",
            options=["auto", "off"],
            default=_DEFAULT.words,
            optional=True,
            tooltip="auto: Whisper writes down what no transcript says, where it is installed. off is quicker.",
        ),
        io.Combo.Input(
            "chinese",
            options=["simplified", "traditional"],
            default="simplified",
            optional=True,
            tooltip="Characters of subtitles that Whisper wrote.",
        ),
        io.String.Input(
            "transcript",
            default="",
            multiline=True,
            optional=True,
            tooltip="What the voice says: the lips shut better.",
        ),
        io.Combo.Input(
            "stills",
            options=["alive", "frozen"],
            default=_DEFAULT.stills,
            optional=True,  # and last: workflows that were saved without it keep their values' places
            tooltip="A photo comes alive (blinks, breathes, nods), or is frozen but for its mouth.",
        ),
    ]


class HeyGemLipSync(io.ComfyNode):  # type: ignore[misc]  # comfy_api has no types here
    """One voice, one template."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="HeyGemLipSync",
            display_name="HeyGem Lip Sync",
            category="video/heygem",
            description="The person in the template speaks the voice. The video has its length and its sound.",
            inputs=_inputs(),
            outputs=[io.Video.Output()],
        )

    @classmethod
    async def execute(
        cls,
        voice: Audio,
        template: Any,
        engine: str,
        resolution: str,
        length_mismatch: str,
        lip_strength: float,
        smoothness: float,
        subtitles: str,
        words: str = _DEFAULT.words,
        chinese: str = _DEFAULT.chinese,
        transcript: str = "",
        stills: str = _DEFAULT.stills,
    ) -> io.NodeOutput:
        options = _options(
            resolution=resolution,
            length_mismatch=length_mismatch,
            lip_strength=lip_strength,
            smoothness=smoothness,
            subtitles=subtitles,
            words=words,
            chinese=chinese,
            stills=stills,
        )
        video = await shown(lambda report, stop: render(voice, template, engine, options, transcript, report, stop))
        return io.NodeOutput(InputImpl.VideoFromFile(video))


class HeyGemBatch(io.ComfyNode):  # type: ignore[misc]
    """One voice, many templates; or as many voices as templates."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="HeyGemBatch",
            display_name="HeyGem Lip Sync (batch)",
            category="video/heygem",
            description="Everyone in the templates speaks the voice, which is listened to once. "
            "With several voices, each template speaks its own.",
            inputs=_inputs(),
            outputs=[
                io.Video.Output(display_name="videos", is_output_list=True),
                io.String.Output(display_name="failures", tooltip="A line for each template that failed."),
            ],
            is_input_list=True,
        )

    @classmethod
    async def execute(
        cls,
        voice: Sequence[Audio],
        template: Sequence[Any],
        engine: Sequence[str],
        resolution: Sequence[str],
        length_mismatch: Sequence[str],
        lip_strength: Sequence[float],
        smoothness: Sequence[float],
        subtitles: Sequence[str],
        words: Sequence[str] = (_DEFAULT.words,),
        chinese: Sequence[str] = (_DEFAULT.chinese,),
        transcript: Sequence[str] = ("",),
        stills: Sequence[str] = (_DEFAULT.stills,),
    ) -> io.NodeOutput:
        if len(voice) not in (1, len(template)):
            raise ValueError(f"{len(voice)} voices do not fit {len(template)} templates: send one, or one for each")
        options = _options(
            resolution=resolution[0],
            length_mismatch=length_mismatch[0],
            lip_strength=lip_strength[0],
            smoothness=smoothness[0],
            subtitles=subtitles[0],
            words=words[0],
            chinese=chinese[0],
            stills=stills[0],
        )

        jobs = [(voice[n % len(voice)], face, transcript[n % len(transcript)]) for n, face in enumerate(template)]

        def work(report: Callable[[float], None], stop: Callable[[], bool]) -> tuple[list[BytesIO], list[str]]:
            return _all(jobs, engine[0], options, report, stop)

        videos, failures = await shown(work)
        return io.NodeOutput([InputImpl.VideoFromFile(video) for video in videos], "\n".join(failures))


def _all(
    jobs: Sequence[tuple[Audio, Any, str]],
    engine: str,
    options: RenderOptions,
    report: Callable[[float], None],
    stop: Callable[[], bool],
) -> tuple[list[BytesIO], list[str]]:
    """The videos and, for each that could not be made, why. Raises the last reason if not one could."""
    videos, failures = [], []
    for number, (voice, face, transcript) in enumerate(jobs):
        try:
            videos.append(render(voice, face, engine, options, transcript, _part(report, number, len(jobs)), stop))
        except RenderError as error:
            if stop() or (number == len(jobs) - 1 and not videos):
                raise
            failures.append(f"{number + 1}: {error}")
    return videos, failures


def _part(report: Callable[[float], None], number: int, total: int) -> Callable[[float], None]:
    return lambda share: report((number + share) / total)


def _options(**values: str | float) -> RenderOptions:
    return RenderOptions.model_validate(values)
