"""Other scripts: by table where letters are sounds, else by the names that Unicode gives them."""
# ruff: noqa: SIM905

import unicodedata

from heygem.speech.text.latin import spell

_CYRILLIC = dict(zip(
    "а б в г д е ё ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ы ь э ю я і ї є ґ ў ј љ њ ћ ђ џ".split(),
    ("AA", "B", "V", "G", "D", "Y EH", "Y AO", "ZH", "Z", "IY", "Y", "K", "L", "M", "N", "AO", "P", "R", "S", "T", "UW",
     "F", "HH", "T S", "CH", "SH", "SH", "", "IH", "", "EH", "Y UW", "Y AA", "IY", "Y IY", "Y EH", "G", "W", "Y", "L Y",
     "N Y", "CH", "JH", "JH"), strict=True,
))  # fmt: skip
_GREEK = dict(zip(
    "μπ ντ ου αι ει οι αυ ευ γκ α β γ δ ε ζ η θ ι κ λ μ ν ξ ο π ρ σ ς τ υ φ χ ψ ω".split(),
    ("B", "D", "UW", "EH", "IY", "IY", "AA V", "EH V", "G", "AA", "V", "G", "DH", "EH", "Z", "IY", "TH", "IY", "K", "L",
     "M", "N", "K S", "AO", "P", "R", "S", "S", "T", "IY", "F", "HH", "P S", "AO"), strict=True,
))  # fmt: skip
# First letters of Unicode's letter names that are not the letter's sound, for scripts that name instead of spell.
_NAMED = {
    "ALEF": "AA", "AIN": "AA", "AYIN": "", "WAW": "W", "VAV": "V", "YEH": "IY", "YOD": "Y", "HEH": "HH", "HET": "HH",
    "KHAH": "HH", "SHEEN": "SH", "SHIN": "SH", "THEH": "TH", "THAL": "DH", "JEEM": "JH", "GHAIN": "G", "QAF": "K",
    "QOF": "K", "TSADI": "T S", "TCHEH": "CH", "PEH": "P", "BEH": "B", "FEH": "F", "MEEM": "M", "MEM": "M",
}  # fmt: skip


def script_of(sign: str) -> str:
    """First word of the sign's Unicode name: LATIN, CJK, CYRILLIC, HIRAGANA, HANGUL, …"""
    return unicodedata.name(sign, "?").split()[0]


def read(word: str, script: str) -> tuple[str, ...]:
    """Phones of a word that is neither Latin nor Chinese; none where even its letters' names say nothing."""
    lower = word.lower()
    if script in ("CYRILLIC", "GREEK"):
        return _by_table(lower, _CYRILLIC if script == "CYRILLIC" else _GREEK)
    return tuple(phone for sign in lower for phone in _by_name(sign))


def _by_table(word: str, table: dict[str, str]) -> tuple[str, ...]:
    phones: list[str] = []
    position = 0
    while position < len(word):
        two, one = word[position : position + 2], word[position]
        plain = unicodedata.normalize("NFD", one)[0]
        spelled = table.get(two) or table.get(one, table.get(plain, ""))
        phones += spelled.split()
        position += 2 if two in table and len(two) == 2 else 1
    return tuple(phones)


def _by_name(sign: str) -> tuple[str, ...]:
    """HIRAGANA LETTER MA -> ma, HANGUL SYLLABLE BAB -> bab, DEVANAGARI LETTER PA -> pa, ARABIC LETTER MEEM -> m."""
    words = unicodedata.name(sign, "").split()
    if not words or not {"LETTER", "SYLLABLE", "CHARACTER", "VOWEL"} & set(words):
        return ()
    name = words[-1]
    if name in _NAMED:
        return tuple(_NAMED[name].split())
    if words[0] in ("ARABIC", "HEBREW", "SYRIAC"):
        return spell(name[0].lower(), "")
    return spell(name.lower(), "")
