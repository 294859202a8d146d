"""A mouth's inside in layers, which bear a person's own teeth."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt

from heygem.media.frame import Plane
from heygem.storage.cache import Arrays

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """A row of teeth with what holds them, as a patch (see `heygem.face.mouth.patches`): `luma` (h, w), `chroma`
    (h/2, w/2, 2), and `alpha` (h, w), 255 where it hides what lies behind."""

    luma: Plane
    chroma: Plane
    alpha: Plane

    @property
    def empty(self) -> bool:
        return not self.alpha.any()


@dataclass(frozen=True)
class Mouth:
    """The `upper` teeth stay with the skull, the `lower` ones with the jaw, here as it is while the mouth is shut.

    Both are patches of `scale` () pixels per face unit around the base of the nose, seen at `yaw` () radians in a light
    in which skin has the luma `light` (). `cavity` and `tongue` () are lumas of what lies behind, of the lips'; `lips`
    (3,) the lips' mean YUV; `seen` () whether the person's own teeth are in it.
    """

    upper: Layer
    lower: Layer
    scale: Floats
    yaw: Floats
    light: Floats
    cavity: Floats
    tongue: Floats
    lips: Floats
    seen: npt.NDArray[np.bool_]

    def to_arrays(self, prefix: str) -> Arrays:
        plain = {f"{prefix}{name}": value for name, value in vars(self).items() if not isinstance(value, Layer)}
        layers = {"upper": self.upper, "lower": self.lower}
        return plain | {f"{prefix}{row}_{name}": value for row in layers for name, value in vars(layers[row]).items()}

    @classmethod
    def from_arrays(cls, arrays: Arrays, prefix: str) -> Self:
        rows = {
            row: Layer(*(arrays[f"{prefix}{row}_{field.name}"] for field in fields(Layer))) for row in ("upper", "lower")
        }
        plain = {field.name: arrays[f"{prefix}{field.name}"] for field in fields(cls) if field.name not in rows}
        return cls(**rows, **plain)
