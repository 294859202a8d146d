"""The service's "work": the same video with inverted brightness and with the sound."""

from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.video.frame import VideoFrame


def render(video: Path, audio: Path, target: Path, seconds: float | None = None) -> None:
    """Write `target`, at most `seconds` long."""
    with av.open(str(video)) as pictures, av.open(str(audio)) as sound, av.open(str(target), "w") as out:
        source = pictures.streams.video[0]
        encoder = out.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        encoder.width, encoder.height, encoder.pix_fmt = source.width, source.height, "yuv420p"
        aac = out.add_stream("aac", rate=16_000, layout="mono")
        for number, frame in enumerate(pictures.decode(source)):
            if seconds is not None and number >= seconds * 25:
                break
            inverted = np.asarray(255 - frame.to_ndarray(format="gray"), np.uint8)
            turned = VideoFrame.from_ndarray(inverted, format="gray").reformat(format="yuv420p")
            turned.pts = number
            out.mux(encoder.encode(turned))
        out.mux(encoder.encode(None))
        resampler = AudioResampler("fltp", "mono", 16_000, 1024)
        for frame_ in sound.decode(audio=0):
            if seconds is None or (frame_.time or 0) < seconds:
                for block in resampler.resample(frame_):
                    out.mux(aac.encode(block))
        out.mux(aac.encode(None))
