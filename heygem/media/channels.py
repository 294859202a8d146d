"""Channels that cancel each other: a microphone's balanced line recorded as stereo, a plug wired the wrong way round.

Mixed, such sound is silence, here and on every phone with one loudspeaker. Then one channel alone is taken: what
cancels is the same in both. The loudest is taken, too, where mixing leaves out what is heard: the fourth track of a
recorder is called a bass, and libav mixes no more than eight that have no place.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame

# -50 dBFS: below the noise of a phone in a quiet room, far below any speech.
AUDIBLE = 10 ** (-50 / 20)
# Channels that have nothing to do with each other keep their power when mixed; the same sound turned around loses it.
_LEFT = 0.25
_SHARE = 0.05  # of what is heard; some music swims that much
_MOST_NAMELESS = 8
_UNMIXED = "LFE"

Sound = npt.NDArray[np.float32]


def samples(frame: AudioFrame) -> Sound:
    """The samples of a float frame, planar or packed, shape (channels, samples)."""
    array = np.asarray(frame.to_ndarray(), np.float32)
    return array.reshape(-1, frame.layout.nb_channels).T if frame.format.is_packed else array


def lone_channel(frames: Iterable[AudioFrame]) -> int | None:
    """The channel to take alone, in float frames of some 50 ms each; None where mixing does no harm."""
    heard = lost = 0
    loudness = np.zeros(1)
    for frame in frames:
        sound = samples(frame)
        sound = np.nan_to_num(sound - sound.mean(axis=1, keepdims=True), posinf=0.0, neginf=0.0)
        power = np.square(sound).mean(axis=1)
        if len(sound) == 1 or power.max() < AUDIBLE**2:
            continue
        heard += 1
        if _lost(sound, power, _mixed(frame)):
            lost += 1
            loudness = power + (loudness if len(loudness) == len(power) else 0)
    return int(loudness.argmax()) if lost > heard * _SHARE else None


def _lost(sound: Sound, power: npt.NDArray[np.float64], mixed: npt.NDArray[np.bool_]) -> bool:
    """Whether what is heard goes when the channels are mixed. A bass beside voices is left out by right."""
    if not mixed.any() or power[mixed].max() < AUDIBLE**2:
        return True
    left = np.square((sound * mixed[:, None]).mean(axis=0)).mean()
    return bool(left < _LEFT * power[mixed].sum() / len(sound) ** 2)


def _mixed(frame: AudioFrame) -> npt.NDArray[np.bool_]:
    """Which channels libav lets be heard where it makes few of many."""
    names = [channel.name for channel in frame.layout.channels]
    if len(names) > _MOST_NAMELESS and "NONE" in names:
        return np.zeros(len(names), bool)
    return np.array([name != _UNMIXED for name in names])


def only(frames: Iterable[AudioFrame], channel: int) -> Iterator[AudioFrame]:
    """Frames of this channel alone, or of the first where there are fewer."""
    for frame in frames:
        sound = samples(frame)
        one = np.ascontiguousarray(sound[channel if channel < len(sound) else 0][None])
        made = AudioFrame.from_ndarray(one, "fltp", "mono")
        made.sample_rate = frame.sample_rate
        yield made
