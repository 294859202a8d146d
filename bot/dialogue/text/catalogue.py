"""What a language has to say: one field per sentence, so that a missing one is an error before anything starts.

Placeholders are `str.format` names, the same in every language. Values a person chose (names, words) are only ever
filled in, never used as a pattern. Commands are marked, {cmd:export}: how they are typed in a place is filled in once,
before anything else (`bot.dialogue.text.catalogue`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from heygem.base.errors import ErrorCode, Param
from heygem.base.sentences import Language, explain
from heygem.base.sentences.commands import SLASHED, CommandStyle
from heygem.batches.model import BatchState, ItemState
from heygem.batches.workers import Stall
from heygem.engines.base import Stage


@dataclass(frozen=True)
class Counted:
    """A sentence about `n` things; `one` only where the language has a form of its own for one."""

    many: str
    one: str | None = None

    def of(self, n: int, **values: object) -> str:
        pattern = self.one if n == 1 and self.one is not None else self.many
        return pattern.format(n=n, **values)


@dataclass(frozen=True, kw_only=True)
class Units:
    soon: str
    minutes: Counted
    hours: Counted
    hours_minutes: str
    days: Counted
    just_now: str
    minutes_ago: Counted
    hours_ago: Counted
    days_ago: Counted
    videos: Counted
    about: str
    picture: str
    separator: str  # between the parts of one line
    comma: str  # between the members of a list
    unnamed_voice: str
    unnamed_template: str


@dataclass(frozen=True, kw_only=True)
class Buttons:
    generate: str
    try_one: str
    preview_picture: str
    preview_3s: str
    remove: str
    pictures: str
    options: str
    discard: str
    discard_yes: str
    cancel: str
    pause: str
    resume: str
    put_first: str
    export_ready: str
    download: str
    new_link: str
    show: str
    retry: str
    reuse: str
    back: str
    more: str
    delete: str
    keep: str
    clear_all: str
    clear_yes: str
    forget_yes: str
    not_transcript: str
    new_batch: str
    upload: str
    own_voice: str
    drop_voice: str
    use_transcript: str
    ask_admin: str
    allow: str
    deny: str
    studio: str


@dataclass(frozen=True, kw_only=True)
class Talk:
    welcome: str
    help: str
    help_groups: Mapping[str, str]  # by platform; one that has no groups has no sentence
    help_admin: str
    not_taken: str
    hint: str
    unknown_command: str
    wants_number: str
    wants_place: str
    wants_name: str
    kept: str


@dataclass(frozen=True, kw_only=True)
class Collecting:
    next_batch: str
    voice_replaced: str
    item_voice: str
    own_voice_which: str
    own_voice_next: str
    own_voice_reply: Mapping[str, str]  # where a bot hears replies only: by platform
    own_voice_now: str
    own_voice_dropped: str
    transcript_taken: str
    transcript_dropped: str
    transcript_offered: str
    transcript_used: str
    no_batch: str
    removed: str
    moved: str
    renamed: str
    none_left: str
    remove_which: str
    pictures: str
    started: str
    already_started: str
    discard_sure: Counted
    discarded: str
    cancelled: str
    cancelled_some: Counted
    nothing_to_cancel: str
    nothing_to_pause: str
    nothing_to_resume: str
    paused: str
    resumed: str
    put_first: str
    item_cancelled: str
    large: str
    upload: str
    upload_too: str


@dataclass(frozen=True, kw_only=True)
class Status:
    new: str
    voice_next: str
    templates_next: str
    ready: str
    queued: str
    paused: str
    running: str
    all_done: Counted
    some_done: str
    failed: str
    cancelled: str
    discarded: str
    expired: str
    trial: str
    voice: str
    own_voices: str
    row_voice: str
    row_states: Mapping[ItemState, str]
    no_face: str
    several_faces: str
    stages: Mapping[Stage, str]
    more: Counted
    ahead: Counted
    next: str
    stalls: Mapping[Stall, str]
    left: str
    estimate: Counted
    estimate_up_to: str
    listening: str
    zip: str


@dataclass(frozen=True, kw_only=True)
class Ending:
    all_done: Counted
    some_done: str
    none_done: Counted
    failure: str
    more_failures: Counted
    several_faces: str
    transparent: str
    faces_missing: str
    subtitles_missing: str
    tried: str
    size: str
    expires: str
    large: str
    partial: str
    only_here: str
    left_out: str
    exports: str
    export_of: Counted
    export_some: str  # of a batch that has ended


@dataclass(frozen=True, kw_only=True)
class History:
    title: str
    empty: str
    row: str
    first_of: Counted
    voice: str
    states: Mapping[BatchState, str]
    delete_sure: str
    deleted: str
    clear_sure: str
    cleared: Counted
    usage: str
    no_such: str


@dataclass(frozen=True, kw_only=True)
class Templates:
    title: str
    empty: str
    row: str
    usage: str
    saved: str
    saved_set: Counted
    nothing_to_save: str
    used: Counted
    unknown: str
    renamed: str
    taken: str
    delete_sure: str
    deleted: str
    bad_name: str
    too_many: str


@dataclass(frozen=True, kw_only=True)
class Options:
    title: str
    title_batch: str
    names: Mapping[str, str]
    values: Mapping[str, str]
    line: str  # of the list
    choose: str
    changed: str
    changed_both: str
    changed_batch: str
    no_effect: str
    usage: str


@dataclass(frozen=True, kw_only=True)
class Privacy:
    sure: str
    forgotten: str


@dataclass(frozen=True, kw_only=True)
class Keys:
    made: str
    revoked: str
    none: str
    private_only: str


@dataclass(frozen=True, kw_only=True)
class Studio:
    link: str
    signed_out: Counted
    none: str
    private_only: str
    guest_link: str
    guest_name: str
    guest_out: Counted
    no_guests: str


@dataclass(frozen=True, kw_only=True)
class Doors:
    your_id: str
    asks: str
    calls_themselves: str
    asked: str
    asked_already: str
    asked_too_many: str
    let_in: str
    stays_out: str
    claimed: str
    claim_wrong: str
    claim_wait: str
    claim_closed: str
    claim_code: str
    admins_only: str
    allowed: str
    already_allowed: str
    denied: str
    not_allowed_yet: str
    admin_stays: str
    list: str
    list_empty: str
    usage: Mapping[str, str]  # by platform


@dataclass(frozen=True, kw_only=True)
class Terminal:
    intro: str
    you: str
    bot: str
    no_file: str
    choices: str
    no_choice: str
    looking: str
    waiting: str
    bye: str
    no_item: str


@dataclass(frozen=True, kw_only=True)
class Slack:
    thread: str
    opening: str


@dataclass(frozen=True, kw_only=True)
class Telegram:
    about: str  # what an empty chat shows, 512 characters at most
    about_short: str  # what the bot's profile shows, 120 characters at most
    moved: str  # what is left of a status message that stands further down now
    reply: str  # in a group, below what the status asks for


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    language: Language
    style: CommandStyle = SLASHED
    units: Units
    buttons: Buttons
    talk: Talk
    collecting: Collecting
    status: Status
    ending: Ending
    history: History
    templates: Templates
    options: Options
    privacy: Privacy
    keys: Keys
    studio: Studio
    doors: Doors
    terminal: Terminal
    telegram: Telegram
    slack: Slack
    commands: Mapping[str, str]  # for a platform's command menu: name → one line

    def explain(self, code: ErrorCode, params: Mapping[str, Param]) -> str:
        """The sentence of an error."""
        return explain(code, params, self.language, style=self.style)
