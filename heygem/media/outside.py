"""Whether a file is worth looking into, seen from outside. What it really is, its bytes say: see `sniff`.

Platforms guess kinds from names and know few: an .mts is "model/vnd.mts", a .ts a translation, a .caf nothing at all.
"""

_KINDS = ("audio/", "video/", "image/", "application/ogg", "application/mxf", "application/octet-stream")
# fmt: off
SUFFIXES = (
    "aac", "ac3", "aif", "aifc", "aiff", "amr", "apng", "asf", "au", "avi", "avif", "caf", "dv", "eac3", "f4v",
    "flac", "flv", "gif", "heic", "heif", "jpeg", "jpg", "m2t", "m2ts", "m4a", "m4v", "mka", "mkv", "mov", "mp2",
    "mp3", "mp4", "mpeg", "mpg", "mts", "mxf", "oga", "ogg", "ogv", "opus", "png", "qt", "snd", "tod", "ts", "tta",
    "vob", "w64", "wav", "weba", "webm", "webp", "wma", "wmv", "wv", "3g2", "3gp",
)
# fmt: on
# For a file chooser, which greys out what it does not know.
CHOOSABLE = ",".join(("video/*", "audio/*", "image/*", *(f".{suffix}" for suffix in SUFFIXES)))


def may_be_media(kind: str, name: str) -> bool:
    """By the kind (MIME type) that a platform tells and the name that a person gave; either may be empty."""
    return kind.lower().startswith(_KINDS) or name.rpartition(".")[2].lower() in SUFFIXES
