"""Sentences spoken by espeak-ng in several languages and voices, with the phones as the product names them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from benchmarks.espeak import Espeak, Phone, Spoken
from heygem.speech.acoustic import load_model
from heygem.speech.said import phones_said
from heygem.speech.silence import speaking_rows
from heygem.speech.spectrum import ROWS_PER_S, Floats, log_bands
from heygem.speech.tract import usual_bands

# Each symbol espeak writes -> the nearest phone of heygem/speech/gestures.py; the longest symbol that fits wins.
IPA = {
    **dict.fromkeys(("aɪ", "ai", "ae", "ɑɪ"), ("AY",)),
    **dict.fromkeys(("aʊ", "ɑu", "au", "ɑʊ"), ("AW",)),
    **dict.fromkeys(("eɪ", "ei"), ("EY",)),
    **dict.fromkeys(("oʊ", "ou", "əʊ", "o-u"), ("OW",)),
    **dict.fromkeys(("ɔɪ", "ɔø", "oi", "ɔʏ"), ("OY",)),
    **dict.fromkeys(("iɛ",), ("Y", "EH")),
    **dict.fromkeys(("yɛ",), ("UW", "EH")),
    **dict.fromkeys(("uo",), ("W", "AO")),
    **dict.fromkeys(("ja",), ("Y", "AA")),
    **dict.fromkeys(("ɑ", "a", "ɒ"), ("AA",)),
    **dict.fromkeys(("æ",), ("AE",)),
    **dict.fromkeys(("ʌ", "ɐ", "ɤ", "o-"), ("AH",)),
    **dict.fromkeys(("ə", "ɨ", "ᵻ", "ɪ"), ("IH",)),
    **dict.fromkeys(("ɚ", "ɜ", "ɝ"), ("ER",)),
    **dict.fromkeys(("ɛ", "e"), ("EH",)),
    **dict.fromkeys(("i",), ("IY",)),
    **dict.fromkeys(("ɔ", "œ"), ("AO",)),
    **dict.fromkeys(("o", "ø"), ("OW",)),
    **dict.fromkeys(("u", "y", "ʏ"), ("UW",)),
    **dict.fromkeys(("ʊ",), ("UH",)),
    **dict.fromkeys(("p", "b", "m"), ("B",)),
    **dict.fromkeys(("pf",), ("B", "F")),
    **dict.fromkeys(("f", "v"), ("F",)),
    **dict.fromkeys(("w", "β"), ("W",)),
    **dict.fromkeys(("tʃ", "dʒ"), ("CH",)),
    **dict.fromkeys(("ʃ", "ʒ", "s.", "ʂ"), ("SH",)),
    **dict.fromkeys(("s", "z", "ɕ", "ts", "tɕ"), ("S",)),
    **dict.fromkeys(("θ", "ð"), ("TH",)),
    **dict.fromkeys(("t", "d", "ɾ", "ts."), ("T",)),
    **dict.fromkeys(("n", "ɲ"), ("N",)),
    **dict.fromkeys(("ŋ",), ("NG",)),
    **dict.fromkeys(("l", "ʎ", "ɭ", "ɫ"), ("L",)),
    **dict.fromkeys(("ɹ",), ("R",)),
    **dict.fromkeys(("j", "ç", "i."), ("Y",)),
    **dict.fromkeys(("k", "ɡ", "g", "r", "ʁ", "x", "χ"), ("K",)),
    **dict.fromkeys(("h",), ("HH",)),
}

TEXTS: dict[str, tuple[str, ...]] = {
    "en": (
        "My mother baked a big apple pie before Bob and Pam came home.",
        "The happy puppy jumped over many purple boxes, but the moon was barely up.",
        "Hot dogs and a cup of tea make a perfect lunch on a summer day.",
        "How now, brown cow? The judge measured five thin fish with vision.",
        "She saw the boy play loud music upon a wooden box all morning.",
        "Please remember to submit your paper by Monday, and never mind the weather.",
    ),
    "zh": (
        "妈妈爸爸跑步，明天我们一起去爬山。",
        "飞机票很便宜，风很大，请把杯子放在桌子上。",
        "学生每天早上读书，老师非常高兴，我要喝咖啡。",
        "朋友们在公园里慢慢地散步，白色的花很漂亮。",
        "北方的冬天比南方冷，怕冷的人不明白为什么。",
        "麻烦您帮我买一瓶水和半斤苹果，谢谢。",
    ),
    "de": (
        "Der Bäcker backt braunes Brot für meine Mutter.",
        "Schöne Grüße aus München, fünf Pfund Äpfel und eine Bombe bitte.",
        "Wo wohnst du im Sommer, und warum kommt Paul am Abend so spät?",
    ),
    "es": (
        "Mi madre prepara una buena paella para la familia.",
        "Bueno, vamos a ver la película mañana por la noche con Pablo y Marta.",
    ),
    "fr": (
        "Bonjour mon ami, je voudrais une petite bouteille de vin blanc.",
        "Madame Dupont parle beaucoup, mais personne ne comprend bien.",
    ),
    "ru": (
        "Моя мама покупает белый хлеб. Добрый день, пожалуйста, подождите минуту.",
        "Бабушка любит пить чай с молоком, а папа пьёт кофе.",
    ),
}
LABIALS = dict.fromkeys(("M", "P"), "B")
VOICES = {"en": "en-us", "zh": "cmn-latn-pinyin", "de": "de", "es": "es", "fr": "fr", "ru": "ru"}
SPEAKERS = ("", "+f3", "+m3")


@dataclass(frozen=True)
class Utterance:
    language: str
    text: str
    spoken: Spoken

    @property
    def waveform(self) -> Floats:
        return self.spoken.waveform

    def phones(self) -> list[Phone]:
        """The product's names instead of IPA; a symbol of two phones is cut in halves."""
        return [part for phone in self.spoken.phones for part in _translate(phone)]

    def chances(self, names: tuple[str, ...], rows: int) -> Floats:
        """(rows, P, 3) as `heygem.speech.phones.hear` would answer if it knew."""
        chances = np.zeros((rows, len(names), 3), np.float32)
        for phone in self.phones():
            edges = np.linspace(phone.start, phone.end, 4) * ROWS_PER_S
            for state, (first, last) in enumerate(pairwise(edges)):
                chances[round(first) : round(last), names.index(phone.name), state] = 1
        chances[chances.sum(axis=(1, 2)) == 0, names.index("SIL"), 1] = 1
        return chances


@dataclass(frozen=True)
class Placed:
    """A recording's phones where its own words place them."""

    spans: list[Phone]

    def phones(self) -> list[Phone]:
        return self.spans


def placed(waveform: Floats, text: str) -> Placed:
    """What the acoustic model makes of a recording that says `text`."""
    model = load_model()
    bands = log_bands(waveform)
    speaking = speaking_rows(waveform, bands)
    chances = phones_said(usual_bands(waveform, bands, speaking, model), speaking, text, model)
    names = [LABIALS.get(name, name) for name in model.phones]
    likeliest = np.array([names.index(names[index]) for index in chances.sum(axis=2).argmax(axis=1)])
    edges = [0, *(np.flatnonzero(np.diff(likeliest)) + 1).tolist(), len(likeliest)]
    return Placed(
        [Phone(names[likeliest[first]], first / ROWS_PER_S, last / ROWS_PER_S) for first, last in pairwise(edges)]
    )


def utterances(languages: tuple[str, ...], speakers: tuple[str, ...] = SPEAKERS) -> Iterator[Utterance]:
    """Raises FileNotFoundError where espeak-ng is missing."""
    espeak = Espeak()
    for language in languages:
        for text in TEXTS[language]:
            for speaker in speakers:
                spoken = espeak.speak(_readable(text, language), VOICES[language] + speaker)
                yield Utterance(language, text, spoken)


def _readable(text: str, language: str) -> str:
    if language != "zh":
        return text
    # espeak's own Chinese dictionary is often left out of packages; pinyin is always read.
    from pypinyin import Style, lazy_pinyin

    return " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))


def _translate(phone: Phone) -> list[Phone]:
    names: list[str] = []
    rest = phone.name
    while rest:
        size = next((size for size in (3, 2, 1) if rest[:size] in IPA), 0)
        names += IPA[rest[:size]] if size else ()
        rest = rest[size or 1 :]
    edges = np.linspace(phone.start, phone.end, max(1, len(names)) + 1)
    return [
        Phone(name, float(start), float(end))
        for name, (start, end) in zip(names or ["SIL"], pairwise(edges), strict=False)
    ]
