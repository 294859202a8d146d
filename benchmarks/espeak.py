"""Speech whose phones are known, from espeak-ng's library where that is installed (the product never needs it)."""

import ctypes
import ctypes.util
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

RATE = 16_000
MISSING = "espeak-ng is not installed, so there is no speech with known phones here: apt install espeak-ng."

_SYNCHRONOUS, _PHONEME_EVENTS, _IPA = 2, 1, 2
_EVENT_END, _EVENT_PHONEME = 0, 7
_UTF8 = 1


@dataclass(frozen=True)
class Phone:
    """One IPA symbol as espeak names it, from `start` to `end` seconds; an empty name is a pause."""

    name: str
    start: float
    end: float


@dataclass(frozen=True)
class Spoken:
    waveform: npt.NDArray[np.float32]  # (n,) at 16 kHz
    phones: list[Phone]
    text: str


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """One per process: the library keeps its state in globals."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("espeak-ng")
        if name is None:
            raise FileNotFoundError(MISSING)
        self._library: Any = ctypes.CDLL(name)
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, None, _PHONEME_EVENTS | _IPA)
        self._callback = _Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)
        self._parts: list[npt.NDArray[np.int16]] = []
        self._marks: list[tuple[float, str]] = []

    def speak(self, text: str, voice: str, words_per_minute: int = 160) -> Spoken:
        self._parts, self._marks = [], []
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice named {voice}.")
        self._library.espeak_SetParameter(1, words_per_minute, 0)
        raw = text.encode()
        self._library.espeak_Synth(raw, len(raw) + 1, 0, 0, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        samples = np.concatenate(self._parts).astype(np.float32) / 32768
        waveform = resample_poly(samples, RATE, self._rate).astype(np.float32)
        ends = [start for start, _ in self._marks[1:]] + [len(samples) / self._rate]
        phones = [Phone(name, start, end) for (start, name), end in zip(self._marks, ends, strict=True)]
        return Spoken(waveform, phones, text)

    def _receive(self, wave: Any, count: int, events: Any) -> int:
        if wave and count > 0:
            self._parts.append(np.ctypeslib.as_array(wave, (count,)).copy())
        index = 0
        while events[index].type != _EVENT_END:
            if events[index].type == _EVENT_PHONEME:
                name = events[index].id.string.decode("utf-8", "ignore")
                self._marks.append((events[index].sample / self._rate, name))
            index += 1
        return 0
