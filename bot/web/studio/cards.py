"""What the studio's pages show of a batch, and of what the dialogue answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bot.dialogue.codec import encode, intent_of
from bot.dialogue.estimate import Queue, progress
from bot.dialogue.intents import AskDelete, Export, Generate, MoveItem, RemoveItem
from bot.dialogue.message import Answer, AnyButton, Button, LinkButton, Reply, Say, ShowStatus, Toast
from bot.dialogue.status import ROWS, Row, StatusView, render_status
from bot.dialogue.text import Catalogue, Language, catalogue
from bot.dialogue.units import ago, size, span
from bot.web.site import Site
from bot.web.studio.made import picture_address, video_address
from bot.web.studio.page import Arranging, Card, Choices, Open, PastCard, Picture, Press, Told
from bot.web.studio.visitor import Visitor
from bot.web.studio.words import WORDS, Words
from heygem.batches.model import Batch, BatchState, Item, MediaFile
from heygem.batches.retention import kept_until

_USUAL = (Generate, Export)  # what one mostly wants where it is offered
_FACES = 4  # pictures on a small card


@dataclass(frozen=True)
class Cards:
    """As one visitor reads them; `now` is by Redis' clock."""

    site: Site
    visitor: Visitor
    now: float

    @classmethod
    async def of(cls, site: Site, visitor: Visitor) -> "Cards":
        return cls(site, visitor, await site.store.now())

    async def live(self, batch: Batch) -> Card:
        view = await view_of(self.site, batch, self.visitor.language)
        running = batch.state in (BatchState.QUEUED, BatchState.RUNNING)
        items = {item.number: item for item in batch.items}
        return Card(
            id=batch.id,
            view=view,
            when=self._when(batch),
            percent=_percent(batch) if running else None,
            pictures={row.number: await self._picture(batch, items[row.number]) for row in view.rows},
            removing={row.number: _removing(batch, row) for row in view.rows if not row.state.terminal},
            arranging={row.number: _arranging(batch, row) for row in view.rows if batch.state is BatchState.COLLECTING},
            choices=choices(view.buttons),
            takes_files=batch.state is BatchState.COLLECTING and batch.place != self.visitor.sign_in.place,
        )

    async def past(self, batch: Batch) -> PastCard:
        view = await view_of(self.site, batch, self.visitor.language)
        delete = Button(self._said.buttons.delete, encode(AskDelete(batch.id)))
        left = max(0.0, kept_until(batch, self.site.settings.retention, self.now) - self.now)
        return PastCard(
            id=batch.id,
            title=view.title,
            when=self._when(batch),
            voice=view.spoken_voice,
            names=_names(batch, self._said),
            pictures=tuple([await self._picture(batch, item) for item in (batch.finished or batch.items)[:_FACES]]),
            video=video_address(self.site.pages.root, batch, batch.finished[0])
            if batch.trial_of and batch.finished
            else "",
            rows=view.rows,
            more=view.more,
            size=size(_bytes_of(batch, self.site.storage.results(batch.owner.owner, batch.id))),
            kept=self._words.kept.format(time=span(left, self.visitor.language)),
            choices=choices((*view.buttons, delete)),
        )

    async def _picture(self, batch: Batch, item: Item) -> str:
        """Of what was made; of its template, whose address is the same in all batches, until then."""
        if item.output is None:
            return await picture(self.site, item.template)
        return picture_address(self.site.pages.root, batch, item)

    def _when(self, batch: Batch) -> str:
        return ago(max(0.0, self.now - batch.created), self.visitor.language)

    @property
    def _said(self) -> Catalogue:
        return catalogue(self.visitor.language)

    @property
    def _words(self) -> Words:
        return WORDS[self.visitor.language]


async def view_of(site: Site, batch: Batch, language: Language) -> StatusView:
    queue = Queue() if batch.state.terminal else await Queue.before(batch, site.store)
    rows = len(batch.items) if batch.state is BatchState.COLLECTING else 0  # whoever arranges them needs all
    return render_status(batch, queue, language, rows=max(rows, ROWS))


async def faces(site: Site, files: Iterable[MediaFile]) -> tuple[str, ...]:
    """Addresses of the first pictures."""
    shown = [file for file in files if _has_picture(file)][:_FACES]
    return tuple([await picture(site, file) for file in shown])


async def picture(site: Site, file: MediaFile) -> str:
    """Its path: the address that the browser came by may be another than the public one."""
    address = urlsplit(await site.pictures.url(file.owner, file.sha256))
    return f"{address.path}?v={file.sha256[:12]}"


async def told(site: Site, answer: Answer, language: Language, *, elsewhere: bool) -> tuple[Told, ...]:
    """What is said; `elsewhere`, on a page that does not show it, also the way to a batch that shall be looked at."""
    replies = [reply for reply in answer.replies if elsewhere or not isinstance(reply, ShowStatus)]
    return tuple([each for reply in replies if (each := await _told(site, reply, language))])


async def _told(site: Site, reply: Reply, language: Language) -> Told | None:
    match reply:
        case Toast(text):
            return Told(text)
        case Say(text, buttons, pictures):
            shown = [Picture(each.line, await picture(site, each.file)) for each in pictures]
            return Told(text, choices(buttons), tuple(shown))
        case ShowStatus(batch_id):
            words = WORDS[language]
            return Told(words.stands, (Open(words.go_there, f"{site.pages.root}/studio#batch-{batch_id}"),))
    return None


def choices(buttons: Sequence[AnyButton]) -> Choices:
    return tuple(map(_choice, buttons))


def _choice(button: AnyButton) -> Press | Open:
    if isinstance(button, LinkButton):
        return Open(button.label, button.url)
    return Press(button.label, button.data, main=intent_of(button.data) in _USUAL)


def _arranging(batch: Batch, row: Row) -> Arranging:
    def to(number: int) -> str:
        return encode(MoveItem(batch.id, row.item, str(number))) if 1 <= number <= len(batch.items) else ""

    return Arranging(encode(MoveItem(batch.id, row.item)), to(row.number - 1), to(row.number + 1))


def _removing(batch: Batch, row: Row) -> str:
    return encode(RemoveItem(batch.id, row.item))


def _percent(batch: Batch) -> int:
    return int(100 * sum(progress(item) for item in batch.items) / len(batch.items))


def _has_picture(file: MediaFile) -> bool:
    return file.info.video is not None


def _names(batch: Batch, said: Catalogue) -> str:
    first, *others = [item.template.name for item in batch.items] or [""]
    return said.history.first_of.of(len(others), name=first) if others else first


def _bytes_of(batch: Batch, results: Path) -> int:
    """Of what was made, and of what was sent for it; other batches may use that too."""
    sent = [item.template for item in batch.items] + [item.voice for item in batch.items if item.voice]
    files = {file.sha256: file.info.size for file in (*sent, *([batch.voice] if batch.voice else []))}
    made = sum(path.stat().st_size for path in results.glob("*") if path.is_file()) if results.is_dir() else 0
    return sum(files.values()) + made
