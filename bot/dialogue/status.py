"""The one status message of a batch: a pure function of its record, of the queue and of the language."""

from dataclasses import dataclass, field

from bot.dialogue.codec import button
from bot.dialogue.estimate import Estimate, Queue, progress, result_seconds, seconds_left
from bot.dialogue.intents import (
    AskDiscard,
    AskRemove,
    AskVoiceFor,
    Cancel,
    Export,
    Generate,
    Pause,
    PutFirst,
    Resume,
    Retry,
    Reuse,
    ShowOptions,
    ShowPictures,
    TryOne,
)
from bot.dialogue.message import AnyButton, LinkButton
from bot.dialogue.text import SLASHED, Catalogue, CommandStyle, Language, catalogue
from bot.dialogue.units import about, clock, size
from heygem.batches.model import Batch, BatchState, Item, ItemState, MediaFile

ROWS = 15  # templates named in the text of one message; the rest is counted
_BAR_CELLS = 12
_WORTH_TELLING_S = 5.0
_MANY, _LONG_S = 3, 600.0  # templates, or seconds of results, that one is tried before
_GLYPHS = {
    ItemState.WAITING: "⏳",
    ItemState.RUNNING: "🔄",
    ItemState.DONE: "✅",
    ItemState.FAILED: "❌",
    ItemState.CANCELLED: "🚫",
}
_COLLECTED = "🎬"
_VOICE = "🎤"


@dataclass(frozen=True)
class Row:
    """One template. `file` is there for a thumbnail, `item` its id for a button beside it."""

    number: int
    glyph: str
    name: str
    note: str
    state: ItemState
    file: MediaFile
    item: str
    state_name: str = ""  # what the glyph says
    warning: str = ""  # of a first look at the template; part of the note

    @property
    def spoken(self) -> str:
        """The row in words, for who hears it."""
        said = (self.name, self.state_name, self.note if self.note != self.state_name else "")
        return f"{self.number}. " + " – ".join(part for part in said if part)

    @property
    def text(self) -> str:
        return f"{self.glyph} {self.number}. {self.name}" + (f" – {self.note}" if self.note else "")


@dataclass(frozen=True)
class StatusView:
    """What the message shows. A front end may lay out the parts itself or take `text` as it is (plain)."""

    batch_id: str
    state: BatchState
    title: str
    voice: str  # "" where there is nothing to say
    rows: tuple[Row, ...]
    more: str  # "" unless rows were left out
    bar: str
    done: int
    total: int
    notes: tuple[str, ...] = ()
    buttons: tuple[AnyButton, ...] = field(default=())

    @property
    def terminal(self) -> bool:
        return self.state.terminal

    @property
    def spoken_voice(self) -> str:
        return self.voice.removeprefix(_VOICE).strip()

    @property
    def spoken(self) -> str:
        """All of it in words, for who hears it: no glyph and no bar says anything that is not said here."""
        rows = [row.spoken for row in self.rows]
        done = self.bar.rpartition(" ")[2]
        lines = [self.title, self.spoken_voice, *rows, self.more, done, *self.notes]
        return "\n".join(line for line in lines if line)

    @property
    def text(self) -> str:
        rows = "\n".join([*(row.text for row in self.rows), *([self.more] if self.more else [])])
        parts = [
            f"{self.title}\n{self.voice}".strip(),
            rows,
            "\n".join([*([self.bar] if self.bar else []), *self.notes]),
        ]
        return "\n\n".join(part for part in parts if part)


def render_status(
    batch: Batch,
    queue: Queue,
    language: Language | None = None,
    link: LinkButton | None = None,
    rows: int = ROWS,
    style: CommandStyle = SLASHED,
) -> StatusView:
    """The status of `batch` now; `link` opens its archive once it has ended."""
    words = catalogue(language or batch.language, style)
    shown = _worth_showing(batch.items, rows)
    hidden = len(batch.items) - len(shown)
    return StatusView(
        batch_id=batch.id,
        state=batch.state,
        title=_title(batch, words),
        voice=_voice(batch, words),
        rows=tuple(_row(batch, item, words) for item in shown),
        more=words.status.more.of(hidden) if hidden else "",
        bar=_bar(batch),
        done=len(batch.finished),
        total=len(batch.items),
        notes=tuple(_notes(batch, queue, words)),
        buttons=tuple(_buttons(batch, queue, words, link)),
    )


def estimate_line(batch: Batch, queue: Queue, language: Language) -> str:
    """Count, length, time and size in one line."""
    words = catalogue(language)
    estimate = Estimate.of(batch, queue)
    alike = clock(estimate.shortest_s) == clock(estimate.length_s)
    length, videos = clock(estimate.length_s), words.units.videos.of(estimate.items)
    up_to = words.status.estimate_up_to.format(videos=videos, length=length)
    told = estimate.listening_s >= _WORTH_TELLING_S
    parts = [
        words.status.estimate.of(estimate.items, length=length) if alike else up_to,
        about(estimate.seconds, language),
        *([words.status.listening.format(time=about(estimate.listening_s, language))] if told else []),
        words.status.zip.format(size=size(estimate.size)),
    ]
    return words.units.separator.join(parts)


def ahead_line(queue: Queue, words: Catalogue) -> str:
    return words.status.ahead.of(queue.ahead) if queue.ahead else words.status.next


def _title(batch: Batch, words: Catalogue) -> str:
    paused = batch.under_way and batch.paused
    done, total = len(batch.finished), len(batch.items)
    title = words.status.paused.format(done=done, total=total) if paused else _state_title(batch, words)
    return words.status.trial.format(title=title) if batch.trial_of else title


def _state_title(batch: Batch, words: Catalogue) -> str:
    done, total = len(batch.finished), len(batch.items)
    match batch.state:
        case BatchState.COLLECTING:
            return words.status.ready if is_ready(batch) else words.status.new
        case BatchState.QUEUED:
            return words.status.queued
        case BatchState.RUNNING:
            return words.status.running.format(done=done, total=total)
        case BatchState.DONE if done == total:
            return words.status.all_done.of(done)
        case BatchState.DONE:
            return words.status.some_done.format(done=done, total=total)
        case BatchState.FAILED:
            return words.status.failed
        case BatchState.CANCELLED if not batch.queued:
            return words.status.discarded
        case BatchState.CANCELLED:
            return words.status.cancelled.format(done=done, total=total)
        case BatchState.EXPIRED:
            return words.status.expired


def is_ready(batch: Batch) -> bool:
    """Whether it can be generated: at least one template, and a voice for each."""
    return bool(batch.items) and (batch.voice is not None or all(item.voice for item in batch.items))


def _voice(batch: Batch, words: Catalogue) -> str:
    if batch.voice is not None:
        length = clock(batch.voice.info.duration_s)
        return f"{_VOICE} " + words.status.voice.format(name=batch.voice.name, length=length)
    return f"{_VOICE} {words.status.own_voices}" if is_ready(batch) else ""


def _worth_showing(items: list[Item], limit: int) -> list[Item]:
    """All where they fit, or else those in which something happens, in their order."""
    if len(items) <= limit:
        return items
    if not any(item.state.terminal or item.state is ItemState.RUNNING for item in items):
        chosen = sorted(items, key=lambda item: (not item.doubtful, item.number))[:limit]
        return sorted(chosen, key=lambda item: item.number)
    rank = {
        ItemState.RUNNING: 0,
        ItemState.FAILED: 1,
        ItemState.WAITING: 2,
        ItemState.DONE: 3,
        ItemState.CANCELLED: 4,
    }
    chosen = sorted(items, key=lambda item: (rank[item.state], item.number))[:limit]
    return sorted(chosen, key=lambda item: item.number)


def _row(batch: Batch, item: Item, words: Catalogue) -> Row:
    collecting = not batch.queued
    warning = first_look(item, words) if collecting else ""
    note = _collected_note(item, words, warning) if collecting else _state_note(item, words)
    glyph, name = (_COLLECTED, "") if collecting else (_GLYPHS[item.state], words.status.row_states[item.state])
    return Row(item.number, glyph, item.template.name, note, item.state, item.template, item.id, name, warning)


def first_look(item: Item, words: Catalogue) -> str:
    """What is to be told of a first look at a template; "" where it saw one face, or was not taken."""
    if not item.doubtful:
        return ""
    return words.status.several_faces if item.faces else words.status.no_face


def _collected_note(item: Item, words: Catalogue, warning: str) -> str:
    info = item.template.info
    length = words.units.picture if info.still else clock(info.duration_s)
    own = words.status.row_voice.format(voice=item.voice.name) if item.voice else ""
    return words.units.separator.join(part for part in (length, own, warning) if part)


def _state_note(item: Item, words: Catalogue) -> str:
    if item.state is ItemState.FAILED and item.failure is not None:
        return words.explain(item.failure.code, item.failure.params)
    if item.state is ItemState.RUNNING:
        return f"{words.status.stages[item.stage]} {item.fraction:.0%}" if item.stage else ""
    if item.state is ItemState.DONE and item.output is not None:
        return size(item.output.size)
    return words.status.row_states[item.state] if item.state is ItemState.WAITING else ""


def _bar(batch: Batch) -> str:
    if batch.state not in (BatchState.QUEUED, BatchState.RUNNING) or not batch.items:
        return ""
    share = sum(progress(item) for item in batch.items) / len(batch.items)
    full = min(_BAR_CELLS, int(share * _BAR_CELLS))
    return f"{'▰' * full}{'▱' * (_BAR_CELLS - full)} {share:.0%}"


def _notes(batch: Batch, queue: Queue, words: Catalogue) -> list[str]:
    if batch.state is BatchState.COLLECTING:
        return _next_steps(batch, queue, words)
    if batch.state in (BatchState.QUEUED, BatchState.RUNNING):
        if batch.paused:
            return []
        if queue.stall is not None:
            return [words.status.stalls[queue.stall]]
        left = seconds_left(batch, queue)
        waiting = [ahead_line(queue, words)] if batch.state is BatchState.QUEUED else []
        return waiting + ([words.status.left.format(time=about(left, words.language))] if left is not None else [])
    return []


def _next_steps(batch: Batch, queue: Queue, words: Catalogue) -> list[str]:
    if is_ready(batch):
        ahead = [ahead_line(queue, words)] if queue.ahead else []
        return [estimate_line(batch, queue, words.language), *ahead]
    steps = []
    if batch.voice is None:
        steps.append(words.status.voice_next)
    if not batch.items:
        steps.append(words.status.templates_next)
    return steps


def _buttons(batch: Batch, queue: Queue, words: Catalogue, link: LinkButton | None) -> list[AnyButton]:
    match batch.state:
        case BatchState.COLLECTING:
            return _collecting_buttons(batch, words)
        case BatchState.QUEUED | BatchState.RUNNING:
            return _running_buttons(batch, queue, words)
        case BatchState.EXPIRED:
            return []
        case _:
            fresh = [button(words.buttons.new_link, Export(batch.id))] if batch.finished else []
            links = [link, *fresh] if link is not None and fresh else fresh
            return [*links, *(onward(batch, words) if batch.queued else ())]


def _running_buttons(batch: Batch, queue: Queue, words: Catalogue) -> list[AnyButton]:
    shown: list[AnyButton] = []
    if batch.finished:
        shown.append(button(words.buttons.export_ready, Export(batch.id)))
    if queue.own:
        shown.append(button(words.buttons.put_first, PutFirst(batch.id)))
    if batch.paused:
        shown.append(button(words.buttons.resume, Resume(batch.id)))
    elif any(item.state is ItemState.WAITING for item in batch.items):
        shown.append(button(words.buttons.pause, Pause(batch.id)))
    if sum(not item.state.terminal for item in batch.items) > 1:
        shown.append(button(words.buttons.remove, AskRemove(batch.id)))
    shown.append(button(words.buttons.cancel, Cancel(batch.id)))
    return shown


def onward(batch: Batch, words: Catalogue) -> list[AnyButton]:
    """What may come after a batch that was made; after a try-out all the others."""
    if batch.trial_of:
        return [button(words.buttons.generate, Generate(batch.trial_of, batch.id))] if batch.finished else []
    failed = any(item.state is ItemState.FAILED for item in batch.items)
    retry = [button(words.buttons.retry, Retry(batch.id))] if failed else []
    return [*retry, button(words.buttons.reuse, Reuse(batch.id))]


def _worth_trying(batch: Batch) -> bool:
    """Whether all of it is much more than one."""
    seconds = sum(result_seconds(batch, item) for item in batch.items)
    return len(batch.items) >= _MANY or (len(batch.items) > 1 and seconds >= _LONG_S)


def _collecting_buttons(batch: Batch, words: Catalogue) -> list[AnyButton]:
    shown: list[AnyButton] = []
    if is_ready(batch):
        shown.append(button(words.buttons.generate, Generate(batch.id)))
    if is_ready(batch) and _worth_trying(batch):
        shown.append(button(words.buttons.try_one, TryOne(batch.id)))
    if batch.items:
        shown.append(button(words.buttons.remove, AskRemove(batch.id)))
        shown.append(button(words.buttons.own_voice, AskVoiceFor(batch.id)))
    if len(batch.items) > 1:
        shown.append(button(words.buttons.pictures, ShowPictures(batch.id)))
    shown.append(button(words.buttons.options, ShowOptions(batch.id)))
    if batch.items or batch.voice is not None:
        shown.append(button(words.buttons.discard, AskDiscard(batch.id)))
    return shown
