"""What every engine of the table is measured with, and what it tells."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from heygem.weights.device import Compute

Size = Literal["tiny", "real"]
Row = tuple[str, str]  # what, how fast


@dataclass(frozen=True)
class Setup:
    folder: Path  # empty, for whatever is needed
    compute: Compute
    size: Size
    seconds: float  # of voice in whole renders
