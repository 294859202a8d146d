"""Voice -> mouth track: the one door of this room for engines without learned weights."""

import logging
import struct
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from heygem.media.info import FPS
from heygem.speech.acoustic import AcousticModel, load_model
from heygem.speech.closures import closures
from heygem.speech.gestures import CLOSING, TUCKING, chance_of, follow
from heygem.speech.motion import at_frames, calm, frames_speaking, limit_velocity, part_softly
from heygem.speech.mouth import MouthTrack
from heygem.speech.opening import opening
from heygem.speech.said import phones_said
from heygem.speech.silence import effort, speaking_rows
from heygem.speech.spectrum import RATE, Floats, log_bands
from heygem.speech.tract import usual_bands
from heygem.speech.width import width
from heygem.speech.words import Transcript

# Changes whenever the same voice and transcript would give another track.
RECIPE = "mouth-10"

Bools = npt.NDArray[np.bool_]

_TUCKED_OPENING = 0.17
_CALMEST_FRAMES = 1.6  # sigma at smoothness 1

_log = logging.getLogger(__name__)


def listen(waveform: Floats, transcript: Transcript | None = None) -> MouthTrack:
    """What the mouth does while it says `waveform` (n,) mono -1..1 at 16 kHz; `transcript` is what is said, if known.

    Never fails on a strange sound: what cannot be heard is left out, in the end a shut mouth.
    """
    if not np.isfinite(waveform).all():
        waveform = np.nan_to_num(waveform, posinf=0, neginf=0)
    frames = max(1, -(-len(waveform) * FPS // RATE))
    bands = log_bands(waveform)
    speaking = speaking_rows(waveform, bands)
    model = _model()
    if model is None:
        nothing = np.zeros(len(bands), np.float32)
        gap = opening(bands, speaking, None) * effort(bands)
        return _track(gap, nothing, nothing, np.zeros(frames, np.bool_), speaking)
    quiet = effort(bands)
    bands = usual_bands(waveform, bands, speaking, model)
    chances = phones_said(bands, speaking, transcript, model)
    asked, apart = follow(chances, model.phones)
    labial = chance_of(chances, model.phones, CLOSING)
    tuck = chance_of(chances, model.phones, TUCKING)
    gap = opening(bands, speaking, (asked, apart)) * quiet
    return _track(gap, width(apart, speaking) * quiet, tuck, closures(labial, frames), speaking)


def shape(track: MouthTrack, lip_strength: float, smoothness: float) -> MouthTrack:
    """Apply a person's options. `lip_strength` 1 changes nothing; `smoothness` 0 follows every sound, 1 is calm.

    Closures stay closed and silence stays shut whatever the options.
    """
    sigma = _CALMEST_FRAMES * smoothness
    calmed = _settle(
        replace(
            track,
            opening=np.clip(calm(track.opening, sigma) * np.float32(lip_strength), 0, 1),
            width=np.clip(calm(track.width, sigma) * np.float32(lip_strength), -1, 1),
        )
    )
    return replace(calmed, opening=part_softly(calmed.opening, ~calmed.speaking | calmed.closure, smoothness))


def _model() -> AcousticModel | None:
    try:
        return load_model()
    except (OSError, ValueError, struct.error) as missing:
        _log.warning("The phone model cannot be read (%s): mouths will move without closures.", missing)
        return None


def _track(gap: Floats, width: Floats, tuck: Floats, closure: Bools, speaking: Bools) -> MouthTrack:
    """Rows -> frames."""
    frames = len(closure)
    spoken = speaking.astype(np.float32)
    # Half a suspicion of an F is none: the lip bites or it does not.
    tucked = np.clip(at_frames(tuck * spoken, frames) * 4 - 2, 0, 1)
    open_ = at_frames(gap * spoken, frames)
    open_ += tucked * (np.minimum(open_, _TUCKED_OPENING) - open_)
    track = MouthTrack(
        opening=np.clip(open_, 0, 1),
        width=np.clip(at_frames(width * spoken, frames), -1, 1),
        tuck=tucked,
        closure=closure,
        speaking=frames_speaking(speaking, frames),
    )
    return _settle(track)


def _settle(track: MouthTrack) -> MouthTrack:
    """Shut where it must be shut, and nowhere faster than a jaw."""
    closure = track.closure & track.speaking
    shut = ~track.speaking | closure
    gap = np.where(shut, 0, track.opening).astype(np.float32)
    return replace(
        track,
        opening=limit_velocity(gap),
        width=np.where(track.speaking, track.width, 0).astype(np.float32),
        tuck=np.where(track.speaking & ~closure, track.tuck, 0).astype(np.float32),
        closure=closure,
    )
