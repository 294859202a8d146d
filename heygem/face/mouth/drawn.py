"""Upper teeth for a person who never shows theirs: as most people's are, in the face's own light."""

import numpy as np
import numpy.typing as npt

from heygem.face.mouth.patches import ABOVE, HALF_WIDTH, patch_shape
from heygem.face.mouth.row import Row
from heygem.face.mouth.tissue import BLACK

Floats = npt.NDArray[np.float32]

TOOTH_EDGE = 0.034  # face units that the upper teeth show below the resting lip
# From the middle outwards, where one tooth ends and the next begins, face units: two incisors, a canine, and two more,
# ever more from the side. How much shorter each of them is.
TEETH_END = np.array([0.132, 0.226, 0.318, 0.39, 0.44])
TEETH_SHORTER = np.array([0.0, 0.011, 0.003, 0.012, 0.018])
GAP = 0.008, 0.82  # face units on both sides of where teeth meet, and the light in there
ROUND = 0.024, 0.5  # face units over which a tooth's corner is round, and how much of that it lacks
# As in faces that show theirs (38 clips): brighter than the skin, and with a share of the lips' colours.
TOOTH_LIGHT, TOOTH_COLOUR, BRIGHTEST = 1.2, (0.7, 0.42), 225.0
SIDEWAYS, INCISAL = 0.45, (0.88, 0.02)  # light lost at the mouth's corner; light at a tooth's edge, and up to where
KNOWN = 0.08  # face units of a tooth that are drawn; above, the row goes on as all do
ENDS = 0.36  # face units from the middle where teeth are seen no more


def usual_tooth(lips: Floats, light: float) -> Floats:
    """YUV (3,) of teeth in a face whose lips have the mean YUV `lips` (3,) and whose skin has the luma `light`."""
    luma = BLACK + min(TOOTH_LIGHT * (light - BLACK), BRIGHTEST - BLACK)
    chroma = [128 + share * (float(own) - 128) for own, share in zip(lips[1:], TOOTH_COLOUR, strict=True)]
    return np.array([luma, *chroma], np.float32)


def drawn_row(colour: Floats, rest: float, scale: float) -> Row:
    """`colour` (3,) YUV of teeth in full light, `rest` how far below the nose the lips meet, face units."""
    height, width = patch_shape(scale)
    x = np.abs(np.arange(width, dtype=np.float32) / scale - HALF_WIDTH)
    y = (np.arange(height, dtype=np.float32) / scale - ABOVE - rest)[:, None]
    tooth = np.minimum(np.searchsorted(TEETH_END, x), len(TEETH_END) - 1)
    starts = np.r_[0, TEETH_END[:-1]]
    beside = np.clip(np.minimum(x - starts[tooth], TEETH_END[tooth] - x), 0, None)
    edge = TOOTH_EDGE - TEETH_SHORTER[tooth] - ROUND[1] * np.maximum(ROUND[0] - beside, 0)
    shade = 1 - SIDEWAYS * np.clip(x / TEETH_END[-1], 0, 1) ** 2
    shade = shade * (GAP[1] + (1 - GAP[1]) * np.clip(beside / max(GAP[0], 0.6 / scale), 0, 1))
    shade = shade * (INCISAL[0] + (1 - INCISAL[0]) * np.clip((edge - y) / INCISAL[1], 0, 1))
    luma = BLACK + (colour[0] - BLACK) * shade
    rows = (edge + rest + ABOVE) * scale
    middle, reach = HALF_WIDTH * scale, ENDS * scale
    return Row(
        np.broadcast_to(luma, (height, width)).astype(np.float32),
        np.full((height // 2, width // 2, 2), colour[1:], np.float32),
        (rows - KNOWN * scale).astype(np.float32),
        rows.astype(np.float32),
        int(middle - reach),
        int(middle + reach),
    )
