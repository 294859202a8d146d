"""How letters sound, per language. See `_pattern` in latin.py for the marks < > % ^ $ ( )."""

# What most Latin spellings agree on; also what a language without habits of its own gets.
SHARED: dict[str, str] = {
    "a": "AA", "e": "EH", "i": "IY", "o": "AO", "u": "UW", "y": "IY",
    "ä": "EH", "ö": "ER", "ü": "UW", "ø": "ER", "å": "AO", "æ": "EH", "œ": "ER", "ı": "IH",
    "é": "EY", "è": "EH", "ê": "EH", "ã": "AA", "õ": "AO", "ą": "AO", "ę": "EH", "ó": "OW", "ł": "W",
    "ai": "AY", "ei": "EY", "oi": "OY", "au": "AW", "ou": "OW", "eu": "EH UW",
    "b": "B", "c": "K", "d": "D", "f": "F", "g": "G", "h": "HH", "j": "Y", "k": "K", "l": "L", "m": "M",
    "n": "N", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T", "v": "V", "w": "V", "x": "K S", "z": "Z",
    "bb": "B", "cc": "K", "dd": "D", "ff": "F", "gg": "G", "kk": "K", "ll": "L", "mm": "M", "nn": "N",
    "pp": "P", "rr": "R", "ss": "S", "tt": "T", "zz": "Z",
    "ch": "CH", "ck": "K", "ph": "F", "qu": "K W", "sh": "SH", "sch": "SH", "th": "T", "ng": "NG",
    "ç": "S", "ñ": "N Y", "ß": "S", "ş": "SH", "š": "SH", "ž": "ZH", "č": "CH", "ğ": "", "ś": "SH", "ż": "ZH",
    "cz": "CH", "sz": "SH", "rz": "ZH", "ð": "DH", "þ": "TH", "đ": "D",
}  # fmt: skip

HABITS: dict[str, dict[str, str]] = {
    # Only for words that the dictionary does not know: names, new words.
    "en": {
        "a": "AE", "e": "EH", "i": "IH", "o": "AA", "u": "AH", "y$": "IY", "^y": "Y", "y": "IH",
        "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW", "ai": "EY", "ay": "EY", "oa": "OW",
        "au": "AO", "aw": "AO", "ew": "UW", "ie": "IY", "igh": "AY", "er": "ER", "ir": "ER", "ur": "ER", "or": "AO R",
        "e$": "", "es$": "Z", "ed$": "D", "ing$": "IH NG", "tion": "SH AH N", "c(eiy)": "S", "j": "JH", "g(eiy)": "JH",
        "th": "TH", "wh": "W", "w": "W", "^wr": "R", "^kn": "N", "mb$": "M", "gh": "", "^ps": "S", "dge": "JH",
    },
    "de": {
        "ei": "AY", "ai": "AY", "ie": "IY", "eu": "OY", "äu": "OY", "v": "F", "w": "V", "z": "T S", "tz": "T S",
        "^sp": "SH P", "^st": "SH T", "^s>": "Z", "<s>": "Z", "ch": "HH", "chs": "K S", "j": "Y",
        "pf": "P F", "qu": "K V",
        "dt": "T", "e$": "AH", "en$": "AH N", "er$": "AH", "el$": "AH L", "ah": "AA", "eh": "EY", "ih": "IY",
        "oh": "OW", "uh": "UW", "äh": "EH", "öh": "ER", "üh": "UW", "tsch": "CH", "o": "AO", "aa": "AA", "ee": "EY",
        "ig$": "IH HH",
        "b$": "P",
    },
    "es": {
        "v": "B", "<v>": "W", "<b>": "W", "<b(rl)": "W", "h": "", "j": "HH", "g(ei)": "HH", "ll": "Y", "z": "S",
        "c(ei)": "S", "ch": "CH", "qu": "K", "gu(ei)": "G", "e": "EH", "o": "OW", "ie": "Y EH", "ue": "W EH",
        "ia": "Y AA", "ua": "W AA", "y>": "Y",
    },
    "fr": {
        "ou": "UW", "oi": "W AA", "au": "OW", "eau": "OW", "ai": "EH", "ei": "EH", "eu": "ER", "œu": "ER", "u": "UW",
        "on%": "AO", "om%": "AO", "an%": "AA", "am%": "AA", "en%": "AA", "em%": "AA", "in%": "AE", "im%": "AE",
        "ain%": "AE", "ein%": "AE", "un%": "ER", "ien%": "Y AE", "nn": "N", "mm": "M", "onn": "AO N", "omm": "AO M",
        "ann": "AA N", "amm": "AA M", "enn": "EH N", "emm": "EH M", "inn": "IY N", "imm": "IY M",
        "ch": "SH", "j": "ZH", "g(eiéè)": "ZH", "gn": "N Y", "qu": "K", "h": "", "th": "T", "c(eiéè)": "S", "er$": "EY",
        "ez$": "EY", "ment$": "M AA",
        "e$": "", "es$": "", "ent$": "", "s$": "", "t$": "", "x$": "", "d$": "", "p$": "", "z$": "", "ts$": "",
        "ps$": "",
        "ille": "IY Y", "ill": "IY Y", "<s>": "Z", "ui": "W IY", "gu(ei)": "G", "o": "AO",
    },
    "it": {
        "c(eiè)": "CH", "ch": "K", "ci(aou)": "CH", "g(eiè)": "JH", "gh": "G", "gi(aou)": "JH", "gli": "L Y",
        "gn": "N Y", "sc(ei)": "SH", "sch": "S K", "z": "T S", "zz": "T S", "h": "", "o": "OW", "ia": "Y AA",
        "io": "Y OW",
        "uo": "W AO",
    },
    "pt": {
        "ão": "AW N", "õe": "OY", "nh": "N Y", "lh": "L Y", "ch": "SH", "x": "SH", "j": "ZH", "g(ei)": "ZH",
        "c(ei)": "S", "h": "", "qu": "K", "m$": "N", "<s>": "Z", "o$": "UW", "e$": "IY", "ou": "OW", "ei": "EY",
        "gu(ei)": "G",
        "am%": "AA N", "em%": "EH N", "om%": "AO N", "im%": "IY N",
    },
}  # fmt: skip
