"""How well lips follow speech whose phones are known: `python -m benchmarks.speech`.

Speech comes from espeak-ng (where installed) in several languages and voices. Closed: share of M/B/P during which,
give or take one frame, the lips touch. Precise: share of forced closures that have an M/B/P. Then the mean opening per
kind of sound, which has to fall from AA to S, and how long listening takes. `text` is what is known of the words:
nothing, what Whisper heard (where a checkpoint lies below `models_dir`), or what is said. espeak's Mandarin is no
speech to a small Whisper, so a recording is tried too: `python -m benchmarks.speech voice.wav words.txt` counts the
M/B/P that the right words place.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.known_speech import Placed, Utterance, placed, utterances
from heygem.base.settings import load_settings
from heygem.media.audio import read_waveform
from heygem.media.info import FPS
from heygem.speech.listen import listen
from heygem.speech.mouth import MouthTrack
from heygem.speech.silence import stretches
from heygem.speech.spectrum import RATE, Floats
from heygem.speech.transcript import Transcriber, find_transcriber
from heygem.speech.words import Transcript

LANGUAGES = ("en", "zh", "de", "es", "fr", "ru")
LABIAL = ("B",)
KINDS = {
    "AA AE": ("AA", "AE", "AY", "AW"),
    "EH AH": ("EH", "AH"),
    "IH IY": ("IH", "IY"),
    "S": ("S",),
    "UW": ("UW", "UH", "W"),
}
_SHUT = 0.06
_FRAME_S = 1 / FPS
_VOICE = Path(__file__).parents[1] / "heygem" / "cli" / "assets" / "voice.ogg"


@dataclass
class Tally:
    closed: list[bool] = field(default_factory=list)
    precise: list[bool] = field(default_factory=list)
    openings: dict[str, list[float]] = field(default_factory=dict)

    def count(self, said: Utterance | Placed, track: MouthTrack) -> None:
        middles = (np.arange(len(track)) + 0.5) * _FRAME_S
        shut = track.closure | (track.opening < _SHUT)
        labials = [phone for phone in said.phones() if phone.name in LABIAL]
        for phone in labials:
            near = (middles > phone.start - _FRAME_S) & (middles < phone.end + _FRAME_S)
            self.closed.append(bool(shut[near].any()))
        for first, last in stretches(track.closure):
            start, end = first * _FRAME_S, last * _FRAME_S
            self.precise.append(any(p.start < end + _FRAME_S and p.end > start - _FRAME_S for p in labials))
        for phone in said.phones():
            during = (middles > phone.start) & (middles < phone.end)
            kind = next((kind for kind, names in KINDS.items() if phone.name in names), None)
            if kind and during.any():
                self.openings.setdefault(kind, []).append(float(track.opening[during].mean()))

    def row(self) -> Sequence[str]:
        openings = [f"{np.mean(self.openings.get(kind, [np.nan])):.2f}" for kind in KINDS]
        return [f"{np.mean(self.closed):.2f}", str(len(self.closed)), f"{np.mean(self.precise):.2f}", *openings]


def accuracy(transcriber: Transcriber | None) -> Table:
    table = Table("language", "text", "closed", "of", "precise", *KINDS, title="Lips against known phones")
    for language in LANGUAGES:
        tallies: dict[str, Tally] = {}
        for said in utterances((language,)):
            for known, transcript in _known(said.waveform, said.text, transcriber).items():
                tallies.setdefault(known, Tally()).count(said, listen(said.waveform, transcript))
        for known, tally in tallies.items():
            table.add_row(language, known, *tally.row())
    return table


def recordings(pairs: Sequence[tuple[Path, Path]], transcriber: Transcriber | None) -> Table:
    """Speech of people, whose phones are where the right words place them."""
    table = Table("voices", "text", "closed", "of", "precise", title="Lips against what the right words say")
    tallies: dict[str, Tally] = {}
    for voice, words in pairs:
        waveform, text = read_waveform(voice, voice.name), words.read_text(encoding="utf-8").strip()
        said = placed(waveform, text)
        for known, transcript in _known(waveform, text, transcriber).items():
            tallies.setdefault(known, Tally()).count(said, listen(waveform, transcript))
    for known, tally in tallies.items():
        table.add_row(str(len(pairs)), known, *tally.row()[:3])
    return table


def _known(waveform: Floats, text: str, transcriber: Transcriber | None) -> dict[str, Transcript | None]:
    heard = transcriber and transcriber.words(waveform, lambda _: None, lambda: False)
    return {"no": None, **({"whisper": heard} if heard else {}), "yes": text}


def speed(voice: Floats) -> Table:
    table = Table("voice", "wall s", "processor s", title="Listening, median of 5")
    for seconds in (10, 60, 600):
        long = np.resize(voice, seconds * RATE)
        wall, busy = np.median([_timed(long) for _ in range(5 if seconds < 600 else 1)], axis=0)
        table.add_row(f"{seconds} s", f"{wall:.2f}", f"{busy:.2f}")
    return table


def _timed(waveform: Floats) -> tuple[float, float]:
    wall, busy = time.perf_counter(), time.process_time()
    listen(waveform)
    return time.perf_counter() - wall, time.process_time() - busy


def main() -> None:
    console = Console()
    try:
        transcriber = find_transcriber(load_settings())
        if files := [Path(name) for name in sys.argv[1:]]:
            console.print(recordings(list(zip(files[::2], files[1::2], strict=True)), transcriber))
            return
        console.print(speed(read_waveform(_VOICE, _VOICE.name)))
        console.print(accuracy(transcriber))
    except FileNotFoundError as missing:
        console.print(str(missing))
        sys.exit(0)


if __name__ == "__main__":
    main()
