"""The networks that find faces and read their points: where they come from, and how one is run.

They are Google's BlazeFace (Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019)
for near and for far faces, and the mesh of its Face Landmarker ("MediaPipe Face Mesh V2"; its kin are Kartynnik et al.,
"Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019, and Grishchenko et al., "Attention Mesh",
2020), published with MediaPipe under Apache-2.0. LiteRT runs them.
"""

import io
import os
import zipfile

import numpy as np
import numpy.typing as npt

from heygem.face.quiet import quiet
from heygem.face.view import Rgb
from heygem.weights.folder import mesh_folder
from heygem.weights.manifest import FACE_POINTS, FAR_FACES

_MOST_THREADS = 2  # of the network that every frame waits for

Floats = npt.NDArray[np.float32]


class Network:
    """One network, of a TensorFlow Lite file's bytes."""

    def __init__(self, content: bytes, threads: int = 1) -> None:
        with quiet():
            from ai_edge_litert.interpreter import Interpreter  # slow, and an extra

            self._model = Interpreter(model_content=content, num_threads=threads)
            self._model.allocate_tensors()
        entrance = self._model.get_input_details()[0]
        self._entrance = self._model.tensor(entrance["index"])
        self._exits = [way["index"] for way in self._model.get_output_details()]
        self.side = int(entrance["shape"][1])  # pixels of the square picture it takes

    def __call__(self, picture: Rgb, darkest: float, lightest: float) -> list[Floats]:
        """What it says of an RGB picture (side, side, 3), whose 0 … 255 become `darkest` … `lightest`."""
        square = self._entrance()[0]  # not to be kept: the network moves it
        np.multiply(picture, np.float32((lightest - darkest) / 255), out=square, dtype=np.float32)
        if darkest:
            square += np.float32(darkest)
        del square
        self._model.invoke()
        return [self._model.get_tensor(way) for way in self._exits]


def near_faces() -> Network:
    """BlazeFace for faces that fill a good part of a picture. All three raise WEIGHTS_MISSING, WEIGHTS_BROKEN."""
    return Network(_part("face_detector.tflite"))


def far_faces() -> Network:
    """BlazeFace for small faces too."""
    return Network(mesh_folder().checked(FAR_FACES.path, FAR_FACES.sha256))


def face_points() -> Network:
    """The face landmarker's 478 points of the face that a picture shows."""
    return Network(_part("face_landmarks_detector.tflite"), min(_MOST_THREADS, os.cpu_count() or 1))


def _part(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(mesh_folder().checked(FACE_POINTS.path, FACE_POINTS.sha256))) as bundle:
        return bundle.read(name)
