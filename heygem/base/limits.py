"""How large a file may be; apart from the other settings, since the process that probes a file needs nothing else."""

from pydantic import PositiveFloat, PositiveInt

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.setting_group import Group

MB = 1_000_000


class Limits(Group):
    """What one file may be."""

    voice_seconds: PositiveFloat = 30 * 60
    template_seconds: PositiveFloat = 10 * 60
    min_voice_seconds: PositiveFloat = 0.3
    file_mb: PositiveInt = 2000
    megapixels: PositiveFloat = 9.0  # of a video
    still_megapixels: PositiveFloat = 64.0  # of a photo, which is scaled down to 4K
    streams: PositiveInt = 12
    probe_seconds: PositiveInt = 20
    probe_memory_mb: PositiveInt = 1500
    render_seconds: PositiveInt = 3600
    render_memory_mb: PositiveInt | None = None  # of a worker's render process; None: 80 % of what the machine has

    def most_megapixels(self, *, still: bool) -> float:
        return self.still_megapixels if still else self.megapixels


def too_large(name: str, size: int, limit: int) -> HeygemError:
    """TOO_LARGE in whole megabytes; `size` and `limit` in bytes."""
    return HeygemError(ErrorCode.TOO_LARGE, name=name, actual_mb=-(-size // MB), limit_mb=-(-limit // MB))
