"""From a waveform to what the network hears in each frame: the states of all of Whisper's layers, 50 times a second.

Two things differ from MuseTalk's features of the same Whisper: the spectrogram is normalised by the loudest moment of
the whole recording, and the last layer's state is taken before the final norm.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from heygem.engines.latentsync import files
from heygem.weights.folder import ModelFolder

if TYPE_CHECKING:
    from whisper.model import AudioEncoder

_PIECE = 3000  # spectrogram frames that Whisper hears at once: 30 s
_STEPS_PER_FRAME = 2  # features come 50 a second, pictures 25
_MELS, _WINDOW, _HOP = 80, 400, 160
_PREFIX = "encoder."


def load_encoder(folder: ModelFolder, device: torch.device, width: int) -> "AudioEncoder":
    """The hearing half of `checkpoints/whisper/tiny.pt` (OpenAI's layout) in full precision; the speaking half stays.

    Raises:
        HeygemError: WEIGHTS_MISSING, WEIGHTS_BROKEN, WEIGHTS_UNSAFE, WEIGHTS_MISFIT, also where its states do not have
            the `width` that the UNet listens to.
    """
    from whisper.model import AudioEncoder

    found = folder.read(files.WHISPER)
    dims, state = found.get("dims"), found.get("model_state_dict")
    if not isinstance(dims, dict) or not isinstance(state, dict):
        raise folder.misfit(files.WHISPER, "model_state_dict")
    if (dims.get("n_mels"), dims.get("n_audio_state")) != (_MELS, width):
        raise folder.misfit(files.WHISPER, "n_audio_state")
    sizes = [dims.get(name) for name in ("n_mels", "n_audio_ctx", "n_audio_state", "n_audio_head", "n_audio_layer")]
    try:
        with torch.device("meta"):
            encoder: AudioEncoder = AudioEncoder(*sizes)
    except (TypeError, ValueError, RuntimeError, ZeroDivisionError) as error:
        raise folder.misfit(files.WHISPER, "dims") from error
    heard = {key.removeprefix(_PREFIX): value for key, value in state.items() if key.startswith(_PREFIX)}
    folder.fill(encoder, heard, files.WHISPER)
    return encoder.to(device, torch.float32)


def log_mel(waveform: npt.NDArray[np.float32]) -> Tensor:
    """The log spectrogram (80, samples / 160) of a mono waveform (samples,) at 16 kHz, -1..1.

    Whisper's, but made piece by piece: of half an hour at once, the spectrum alone would take a gigabyte.
    """
    edge = _WINDOW // 2
    padded = functional.pad(torch.from_numpy(waveform)[None, None], (edge, edge), mode="reflect")[0, 0]
    count = len(waveform) // _HOP
    pieces = []
    for first in range(0, count, _PIECE):
        last = min(first + _PIECE, count)
        pieces.append(_loudness(padded[first * _HOP : (last - 1) * _HOP + _WINDOW]))
    loudness = torch.cat(pieces, dim=1)
    return (torch.maximum(loudness, loudness.max() - 8.0) + 4.0) / 4.0


def _loudness(samples: Tensor) -> Tensor:
    from whisper.audio import mel_filters

    spectrum = torch.stft(samples, _WINDOW, _HOP, window=torch.hann_window(_WINDOW), center=False, return_complex=True)
    mels: Tensor = mel_filters("cpu", _MELS) @ (spectrum.abs() ** 2)
    return mels.clamp(min=1e-10).log10()


def features(encoder: "AudioEncoder", spectrogram: Tensor) -> Iterator[Tensor]:
    """What Whisper's layers say (1500 or fewer, layers + 1, 384) about every 30 s of a spectrogram (80, T).

    Together they have T / 2 rows. They lie on the CPU.
    """
    for piece in torch.split(spectrogram, _PIECE, dim=1):
        padded = functional.pad(piece, (0, _PIECE - piece.shape[1]))
        yield _states(encoder, padded[None].to(encoder.positional_embedding.device))[: piece.shape[1] // 2].cpu()


@torch.inference_mode()
def _states(encoder: Any, spectrogram: Tensor) -> Tensor:
    sound = functional.gelu(encoder.conv2(functional.gelu(encoder.conv1(spectrogram)))).permute(0, 2, 1)
    sound = sound + encoder.positional_embedding
    states = [sound]
    for block in encoder.blocks:
        states.append(block(states[-1]))
    return torch.stack(states, dim=2)[0]


def window_index(
    frames: npt.NDArray[np.int64], feature_count: int, reach: tuple[int, int] = (2, 2)
) -> npt.NDArray[np.int64]:
    """The features (len(frames), 10) that pictures at 25 fps listen to; at both ends the outermost is repeated."""
    around = np.arange(-reach[0] * 2, (reach[1] + 1) * 2)
    return np.asarray(np.clip(np.asarray(frames)[:, None] * _STEPS_PER_FRAME + around, 0, feature_count - 1), np.int64)


def windows(
    heard: npt.NDArray[np.floating[Any]], frames: npt.NDArray[np.int64], reach: tuple[int, int] = (2, 2)
) -> Tensor:
    """What pictures at 25 fps hear (len(frames), 50, 384), of features (n, 5, 384)."""
    index = window_index(frames, len(heard), reach)
    return torch.from_numpy(np.asarray(heard[index], np.float32)).flatten(1, 2)
