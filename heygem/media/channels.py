"""Channels that cancel each other: a microphone's balanced line recorded as stereo, a plug wired the wrong way round.

Mixed, such sound is silence, here and on every phone with one loudspeaker. Then one channel alone is taken: what
cancels is the same in both.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from av.audio.frame import AudioFrame

# -50 dBFS: below the noise of a phone in a quiet room, far below any speech.
AUDIBLE = 10 ** (-50 / 20)
# Channels that have nothing to do with each other keep their power when mixed; the same sound turned around loses it.
_LEFT = 0.25
_SHARE = 0.05  # of what is heard; some music swims that much


def lone_channel(frames: Iterable[AudioFrame]) -> int | None:
    """The channel to take alone, in planar float frames of some 50 ms each; None where mixing does no harm."""
    heard = lost = 0
    loudness = np.zeros(1)
    for frame in frames:
        sound = frame.to_ndarray()
        sound = np.nan_to_num(sound - sound.mean(axis=1, keepdims=True), posinf=0.0, neginf=0.0)
        power = np.square(sound).mean(axis=1)
        if len(sound) == 1 or power.max() < AUDIBLE**2:
            continue
        heard += 1
        if np.square(sound.mean(axis=0)).mean() < _LEFT * power.sum() / len(sound) ** 2:
            lost += 1
            loudness = power + (loudness if len(loudness) == len(power) else 0)
    return int(loudness.argmax()) if lost > heard * _SHARE else None


def only(frames: Iterable[AudioFrame], channel: int) -> Iterator[AudioFrame]:
    """Planar frames with this channel in place of all."""
    for frame in frames:
        if channel < len(frame.planes):
            frame.make_writable()
            sound = bytes(frame.planes[channel])
            for plane in frame.planes:
                plane.update(sound)
        yield frame
