"""What the upload page shows: a function of the visit alone."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.dialogue.files import says_voice
from bot.dialogue.units import size
from bot.web.upload.desk import PIECE_BYTES, Standing, Visit
from bot.web.upload.words import WORDS, Words
from heygem.base.limits import MB
from heygem.batches.model import Batch, Item


@dataclass(frozen=True)
class Unfinished:
    id: str
    name: str
    percent: int


@dataclass(frozen=True)
class UploadPage:
    """`piece` is how many bytes the server takes in one request."""

    words: Words
    purpose: str
    batch: str
    most: str
    expires: datetime
    unfinished: tuple[Unfinished, ...]
    piece: int = PIECE_BYTES


def upload_page(visit: Visit, answered: Item | None, unfinished: list[Standing], limit_mb: int) -> UploadPage:
    """`answered` is the template that the invitation is for."""
    words = WORDS[visit.invitation.language]
    return UploadPage(
        words=words,
        purpose=_purpose(visit, answered, words),
        batch=contents(visit.batch, words),
        most=most(limit_mb, words),
        expires=datetime.fromtimestamp(visit.link.expires, UTC),
        unfinished=tuple(_row(standing) for standing in unfinished),
    )


def most(limit_mb: int, words: Words) -> str:
    """How large a file may be."""
    return words.most.format(size=size(limit_mb * MB))


def contents(batch: Batch, words: Words) -> str:
    voice = words.voice.format(name=batch.voice.name) if batch.voice else words.no_voice
    templates = words.templates.of(len(batch.items)) if batch.items else words.no_template
    return f"{voice} · {templates}"


def _purpose(visit: Visit, answered: Item | None, words: Words) -> str:
    if answered is not None:
        return words.as_item_voice.format(number=answered.number, name=answered.template.name)
    return words.as_voice if says_voice(visit.invitation.text) else words.usual


def _row(standing: Standing) -> Unfinished:
    arrival = standing.arrival
    return Unfinished(arrival.id, arrival.name, int(100 * standing.offset / arrival.size))
