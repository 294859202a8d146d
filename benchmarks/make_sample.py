"""Make the sample of the first page again: `python -m benchmarks.make_sample`.

A drawn person (heygem/engines/mannequin.py) as it was filmed, and the frame in which the embedded engine opened its
mouth most. Nobody's picture goes into it.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from heygem.base.settings import load_settings
from heygem.engines import create, mannequin
from heygem.engines.base import RenderJob
from heygem.storage.cache import Cache

_STATIC = Path(__file__).parents[1] / "bot" / "web" / "static"
_MOUTH = np.s_[160:200, 100:156]  # rows and columns of the drawing
_QUALITY = 92

_Picture = npt.NDArray[np.uint8]  # RGB (SIDE, SIDE, 3)


def main() -> None:
    with TemporaryDirectory() as folder:
        before, after = _spoken(Path(folder))
    for name, picture in (("before", before), ("after", after)):
        Image.fromarray(picture).save(_STATIC / f"sample-{name}.webp", quality=_QUALITY, method=6)


def _spoken(folder: Path) -> tuple[_Picture, _Picture]:
    voice, template, output = folder / "voice.wav", folder / "template.mp4", folder / "output.mp4"
    mannequin.record(voice)
    mannequin.film(template)
    job = RenderJob(voice=voice, template=template, output=output, cache=Cache(folder / "cache"), transcript="ah")
    create("mesh", load_settings()).render(job)
    return _pictures(template)[0], min(_pictures(output), key=lambda picture: picture[_MOUTH].sum())


def _pictures(video: Path) -> list[_Picture]:
    with av.open(video) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


if __name__ == "__main__":
    main()
