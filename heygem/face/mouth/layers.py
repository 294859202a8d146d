"""A mouth's inside in layers, which bear a person's own teeth."""

from dataclasses import dataclass, fields
from typing import Any, Self

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

    @classmethod
    def nothing(cls, height: int, width: int) -> Self:
        blank = np.zeros((height, width), np.uint8)
        return cls(blank, np.zeros((height // 2, width // 2, 2), np.uint8), blank)

    @property
    def empty(self) -> bool:
        return not self.alpha.any()


@dataclass(frozen=True)
class Mouth:
    """The `upper` teeth stay with the skull, the `lower` ones with the jaw, and so does the `floor`, tongue and dark
    behind them; here the jaw is as it is while the mouth is shut.

    All are patches of `scale` () pixels per face unit around the base of the nose, seen at `yaw` () radians in a light
    in which skin has the luma `light` (). `jaw` (2,): how much of the lower lip's way the jaw goes, and from which y
    on, face units below the nose. `lips` (3,) is the lips' mean YUV; `seen` () whether the teeth are the person's.
    """

    upper: Layer
    lower: Layer
    floor: Layer
    scale: Floats
    jaw: Floats
    yaw: Floats
    light: Floats
    lips: Floats
    seen: npt.NDArray[np.bool_]

    def to_arrays(self, prefix: str) -> Arrays:
        plain = {f"{prefix}{name}": value for name, value in vars(self).items() if not isinstance(value, Layer)}
        layers = {name: layer for name, layer in vars(self).items() if isinstance(layer, Layer)}
        return plain | {f"{prefix}{of}_{name}": plane for of in layers for name, plane in vars(layers[of]).items()}

    @classmethod
    def from_arrays(cls, arrays: Arrays, prefix: str) -> Self:
        of_all: dict[str, Any] = {
            of: Layer(*(arrays[f"{prefix}{of}_{field.name}"] for field in fields(Layer)))
            for of in ("upper", "lower", "floor")
        }
        plain = {field.name: arrays[f"{prefix}{field.name}"] for field in fields(cls) if field.name not in of_all}
        return cls(**of_all | plain)
