"""What the doctor finds: one thing, how it is, and how to get it."""

import importlib.metadata
from dataclasses import dataclass
from typing import Literal

Grade = Literal["ok", "optional", "missing"]


@dataclass(frozen=True)
class Finding:
    """`grade` missing: the main job, or something that is configured, can't run. `remedy` says how to get it."""

    name: str
    grade: Grade
    found: str
    remedy: str = ""


def installed(distribution: str) -> str | None:
    """Its version."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
