"""MuseTalk 1.5: Whisper features, and one pass of a latent inpainting network per frame. docs/engines.md says more."""

from heygem.base.settings import Settings
from heygem.engines.musetalk.files import FILES
from heygem.weights.folder import engine_folder


def lacks(settings: Settings) -> str | None:
    """The first model file that is not there. Loads nothing heavy."""
    return engine_folder(settings.models, "musetalk").missing(FILES)
