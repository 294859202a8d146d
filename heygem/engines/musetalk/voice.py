"""Voice → what the network hears: the states of Whisper's encoder around each frame.

Whisper is openai-whisper's encoder, filled from a file in the Hugging Face layout. As there, a voice is cut into pieces
of 30 s that are normalised one by one, and the last state is the normalised one.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from whisper.audio import HOP_LENGTH, N_SAMPLES, SAMPLE_RATE, log_mel_spectrogram, pad_or_trim
from whisper.model import AudioEncoder

from heygem.engines.musetalk import files
from heygem.media.info import FPS
from heygem.weights.device import Compute, told
from heygem.weights.folder import ModelFolder

STATES_PER_S = SAMPLE_RATE // HOP_LENGTH // 2
PER_FRAME = STATES_PER_S // FPS
AROUND = 2  # frames heard before and after the one spoken
WINDOW = PER_FRAME * (2 * AROUND + 1)

_NAMES = {
    "embed_positions.weight": "positional_embedding",
    "self_attn_layer_norm": "attn_ln",
    "self_attn.q_proj": "attn.query",
    "self_attn.k_proj": "attn.key",
    "self_attn.v_proj": "attn.value",
    "self_attn.out_proj": "attn.out",
    "final_layer_norm": "mlp_ln",
    "fc1": "mlp.0",
    "fc2": "mlp.2",
    "layers.": "blocks.",
    "layer_norm.": "ln_post.",  # after the longer names that end alike
}


class Whisper:
    """The encoder, in full precision everywhere: it is small, and runs once per voice."""

    def __init__(self, encoder: AudioEncoder, device: torch.device) -> None:
        self._encoder = encoder.to(device, torch.float32)
        self._device = device

    @property
    def layers(self) -> int:
        return len(self._encoder.blocks) + 1

    @property
    def width(self) -> int:
        return int(self._encoder.conv1.out_channels)

    @property
    def mels(self) -> int:
        return int(self._encoder.conv1.in_channels)

    def log_mel(self, piece: npt.NDArray[np.float32]) -> Tensor:
        """Log-mel spectrum (mels, 3000) of at most 30 s at 16 kHz, normalised by its own maximum."""
        spectrum: Tensor = log_mel_spectrogram(pad_or_trim(torch.from_numpy(piece), N_SAMPLES), self.mels)
        return spectrum

    def pieces(self, waveform: npt.NDArray[np.float32]) -> Iterator[Tensor]:
        """States (n, layers, width) of a waveform (samples,) at 16 kHz, one tensor for each 30 s of it.

        All together are floor(seconds x 50) rows. Raises OUT_OF_MEMORY.
        """
        left = math.floor(len(waveform) / SAMPLE_RATE * STATES_PER_S)
        for start in range(0, len(waveform), N_SAMPLES):
            with told():
                states = self._states(self.log_mel(waveform[start : start + N_SAMPLES]))[:left]
            left -= len(states)
            yield states

    @torch.inference_mode()
    def _states(self, mel: Tensor) -> Tensor:
        encoder = self._encoder
        x = nn.functional.gelu(encoder.conv1(mel[None].to(self._device)))
        x = nn.functional.gelu(encoder.conv2(x)).permute(0, 2, 1)
        states = [x + encoder.positional_embedding]
        for block in encoder.blocks:
            states.append(block(states[-1]))
        states[-1] = encoder.ln_post(states[-1])
        return torch.cat(states).transpose(0, 1).cpu()


def load_whisper(folder: ModelFolder, compute: Compute) -> Whisper:
    """Whisper from `whisper/` of the model folder; of the file only the encoder is used.

    Raises:
        HeygemError: WEIGHTS_MISSING, WEIGHTS_BROKEN, WEIGHTS_UNSAFE, WEIGHTS_MISFIT, OUT_OF_MEMORY.
    """
    encoder = _built(folder)
    folder.fill(encoder, _renamed(folder.read(files.WHISPER)), files.WHISPER)
    with told():
        return Whisper(encoder, compute.device)


def window(states: npt.NDArray[Any], frame: int) -> npt.NDArray[Any]:
    """What one frame hears: (WINDOW x layers, width) of states (S, layers, width); silence is zeros.

    `frame` counts at 25 fps and may lie a few frames beyond the end.
    """
    start = (frame - AROUND) * PER_FRAME
    rows = np.zeros((WINDOW, *states.shape[1:]), states.dtype)
    low, high = max(start, 0), min(start + WINDOW, len(states))
    if low < high:
        rows[low - start : high - start] = states[low:high]
    return rows.reshape(-1, states.shape[-1])


def positions(length: int, width: int) -> Tensor:
    """The sinusoids (length, width) that tell the network where in its window a state stands."""
    rate = torch.exp(torch.arange(0, width, 2).float() * (-math.log(10_000.0) / width))
    angle = torch.arange(length).float()[:, None] * rate
    return torch.stack([angle.sin(), angle.cos()], dim=-1).reshape(length, width)


def _built(folder: ModelFolder) -> AudioEncoder:
    config = folder.json(files.WHISPER_CONFIG)
    try:
        width, hidden = int(config["d_model"]), int(config["encoder_ffn_dim"])
        sizes = (int(config["num_mel_bins"]), int(config["max_source_positions"]), width)
        with torch.device("meta"):
            encoder = AudioEncoder(*sizes, int(config["encoder_attention_heads"]), int(config["encoder_layers"]))
            for block in encoder.blocks:
                block.mlp = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))
    except Exception as error:  # whatever the numbers in the file make torch raise
        raise folder.misfit(files.WHISPER_CONFIG, type(error).__name__) from error
    return encoder


def _renamed(state: Mapping[str, Any]) -> dict[str, Any]:
    ours = {name.removeprefix("model."): value for name, value in state.items()}
    return {_new_name(name[8:]): value for name, value in ours.items() if name.startswith("encoder.")}


def _new_name(name: str) -> str:
    for theirs, ours in _NAMES.items():
        name = name.replace(theirs, ours)
    return name
