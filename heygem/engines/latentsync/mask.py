"""Which part of a crop the network makes anew: the lower face, the same for every frame."""

import cv2
import numpy as np
import numpy.typing as npt

from heygem.base.errors import ErrorCode, HeygemError
from heygem.engines.latentsync import files
from heygem.weights.folder import ModelFolder

_SIDE = 256  # of the drawing below, and of upstream's file
_CHEEKS = (9, 95, 246, 140)  # left, top, right, bottom
_NOSE = (78, 95, 177, 126)
_CHIN, _JAW = (128, 140), (119, 102)  # centre and half axes of an ellipse, of which the lower half counts

Mask = npt.NDArray[np.float64]  # (R, R), 1 where the picture is kept


def read_mask(folder: ModelFolder, resolution: int) -> Mask:
    """`mask.png` of the folder in the network's resolution; ours, of the same shape within 1 %, where there is none.

    Raises:
        HeygemError: WEIGHTS_BROKEN if the file is no picture.
    """
    path = folder.root / files.MASK
    drawn = _read(path.read_bytes(), folder) if path.is_file() else own_mask()
    return np.asarray(cv2.resize(drawn, (resolution, resolution), interpolation=cv2.INTER_LANCZOS4) / 255.0)


def own_mask() -> npt.NDArray[np.uint8]:
    """From below the eyes to the chin, but without the nose. (256, 256), 255 where the picture is kept."""
    mask = np.full((_SIDE, _SIDE), 255, np.uint8)
    cv2.rectangle(mask, _CHEEKS[:2], _CHEEKS[2:], 0, cv2.FILLED)
    cv2.ellipse(mask, _CHIN, _JAW, 0, 0, 180, (0,), cv2.FILLED)
    cv2.rectangle(mask, _NOSE[:2], _NOSE[2:], 255, cv2.FILLED)
    return mask


def _read(content: bytes, folder: ModelFolder) -> npt.NDArray[np.uint8]:
    try:
        found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error:
        found = None
    if found is None:
        raise HeygemError(ErrorCode.WEIGHTS_BROKEN, file=folder.label(files.MASK))
    return np.asarray(found, np.uint8)
