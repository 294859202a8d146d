"""Everything a person can do: one intent each, one handler each, whichever door it comes through.

`batch` is a batch's id, "" for the current one: what is collected in the place, or runs, or else its latest.
"""

from dataclasses import dataclass
from typing import Literal

from bot.dialogue.message import Attachment
from heygem.base.errors import ErrorCode

Role = Literal["voice", "template"]


@dataclass(frozen=True)
class Start:
    """Say hello. `code` is what came with the link to the bot."""

    code: str = ""


@dataclass(frozen=True)
class Help:
    """Learn what can be done."""


@dataclass(frozen=True)
class OpenBatch:
    """Begin a batch, or see the one that is being collected."""


@dataclass(frozen=True)
class AddFile:
    """Put a recording, a video or a picture into the batch. `role` is what it is for where that was said with it."""

    attachment: Attachment
    caption: str = ""
    role: Role | None = None


@dataclass(frozen=True)
class Withdraw:
    """Take a file back before the start. `message` is what brought it, as `Said.id` was then."""

    message: str


@dataclass(frozen=True)
class Generate:
    """Start rendering. `tried` is the try-out whose end had the button."""

    batch: str = ""
    tried: str = ""


@dataclass(frozen=True)
class TryOne:
    """Make one template alone, to see how it will be. `number`: which; else the first in which somebody was seen."""

    batch: str = ""
    number: str = ""


@dataclass(frozen=True)
class Cancel:
    """Stop a batch, or throw away what was collected."""

    batch: str = ""


@dataclass(frozen=True)
class AskDiscard:
    """Be asked whether what was collected shall be thrown away."""

    batch: str


@dataclass(frozen=True)
class Discard:
    """Throw away what was collected."""

    batch: str


@dataclass(frozen=True)
class AskRemove:
    """See which templates can be taken out. `start`: how many are passed over, in a menu that goes on."""

    batch: str = ""
    start: str = ""


@dataclass(frozen=True)
class RemoveItem:
    """Take a template out. `item` is its id or its number."""

    batch: str = ""
    item: str = ""


@dataclass(frozen=True)
class AskVoiceFor:
    """See which templates have a voice of their own or may get one. `start` as above."""

    batch: str
    start: str = ""


@dataclass(frozen=True)
class ShowPictures:
    """See what the templates look like, by their numbers."""

    batch: str = ""


@dataclass(frozen=True)
class ChooseVoiceFor:
    """Have the next voice belong to one template. `start`: the page of the menu that was pressed, "" elsewhere."""

    batch: str
    item: str = ""
    start: str = ""


@dataclass(frozen=True)
class DropVoiceFor:
    """Take a template's own voice away again. `start` as above."""

    batch: str
    item: str
    start: str = ""


@dataclass(frozen=True)
class DropTranscript:
    """Say that a caption was no transcript."""

    batch: str


@dataclass(frozen=True)
class UseTranscript:
    """Say that the caption of the voice is what is spoken in it."""

    batch: str


@dataclass(frozen=True)
class ShowBatch:
    """See how far a batch is."""

    batch: str = ""


@dataclass(frozen=True)
class Export:
    """Get a fresh link to what is finished."""

    batch: str = ""


@dataclass(frozen=True)
class Retry:
    """Make again what failed, with the same voice and options."""

    batch: str


@dataclass(frozen=True)
class Reuse:
    """Begin a batch with the same templates, for another voice."""

    batch: str


@dataclass(frozen=True)
class ShowHistory:
    """See one's past batches."""


@dataclass(frozen=True)
class ShowPast:
    """See what a past batch holds. `which` is its id or its number in the history."""

    which: str


@dataclass(frozen=True)
class AskDelete:
    """Be asked whether a past batch shall be deleted. `which` as above."""

    which: str


@dataclass(frozen=True)
class DeleteBatch:
    """Delete a batch with its videos."""

    batch: str


@dataclass(frozen=True)
class AskClear:
    """Be asked whether all past batches shall be deleted."""


@dataclass(frozen=True)
class ClearHistory:
    """Delete all batches that have ended."""


@dataclass(frozen=True)
class AskForget:
    """Be asked whether everything shall be deleted."""


@dataclass(frozen=True)
class Forget:
    """Delete everything of the person's."""


@dataclass(frozen=True)
class Keep:
    """Answer such a question with no."""


@dataclass(frozen=True)
class ExplainHistory:
    """Learn how the history is used."""


@dataclass(frozen=True)
class ListTemplates:
    """See the saved templates."""


@dataclass(frozen=True)
class SaveTemplate:
    """Save a template, or all of the current batch, under a name."""

    name: str


@dataclass(frozen=True)
class UseTemplate:
    """Put saved templates into the batch. `key` stands for a name on a button."""

    key: str = ""
    name: str = ""


@dataclass(frozen=True)
class RenameTemplate:
    """Give saved templates another name. `key` as above."""

    new: str
    key: str = ""
    name: str = ""


@dataclass(frozen=True)
class AskDeleteTemplate:
    """Be asked whether saved templates shall be deleted. `key` as above."""

    key: str


@dataclass(frozen=True)
class DeleteTemplate:
    """Delete saved templates. `key` as above."""

    key: str = ""
    name: str = ""


@dataclass(frozen=True)
class ExplainTemplates:
    """Learn how templates are saved and used."""


@dataclass(frozen=True)
class ShowOptions:
    """See the options of a batch, or without one the person's settings."""

    batch: str = ""


@dataclass(frozen=True)
class ChooseOption:
    """See what an option can be. Without a name, the menu of all options again."""

    name: str = ""
    batch: str = ""


@dataclass(frozen=True)
class SetOption:
    """Change an option of a batch, or without one for the person from now on."""

    name: str
    value: str
    batch: str = ""


@dataclass(frozen=True)
class MakeKey:
    """Get a key for programs of one's own, in place of the one before."""


@dataclass(frozen=True)
class RevokeKey:
    """Withdraw that key."""


@dataclass(frozen=True)
class OpenStudio:
    """Get a link that signs a browser in to the studio."""


@dataclass(frozen=True)
class CloseStudio:
    """Sign all browsers out."""


@dataclass(frozen=True)
class Claim:
    """Become the admin of a bot that has none."""

    code: str = ""


@dataclass(frozen=True)
class AskAdmin:
    """Ask to be let in, once a day."""


@dataclass(frozen=True)
class Allow:
    """Let a person or a chat use the bot; without one, see who may."""

    who: str = ""


@dataclass(frozen=True)
class Deny:
    """Let them use it no more."""

    who: str = ""


@dataclass(frozen=True)
class Talk:
    """Say what is none of these. `command` is what looked like one."""

    command: str = ""


@dataclass(frozen=True)
class Misread:
    """Press a button that means nothing here, or that was meant for somebody else: why is what `code` says."""

    code: ErrorCode


# fmt: off
Intent = (
    Start | Help | OpenBatch | AddFile | Withdraw | Generate | TryOne | Cancel | AskDiscard | Discard | AskRemove
    | RemoveItem | AskVoiceFor | ShowPictures | ChooseVoiceFor | DropVoiceFor | DropTranscript | UseTranscript
    | ShowBatch | Export | Retry | Reuse | ShowHistory | ShowPast | AskDelete | DeleteBatch | AskClear | ClearHistory
    | AskForget | Forget | Keep | ExplainHistory | ListTemplates | SaveTemplate | UseTemplate | RenameTemplate
    | AskDeleteTemplate | DeleteTemplate | ExplainTemplates | ShowOptions | ChooseOption | SetOption | MakeKey
    | RevokeKey | OpenStudio | CloseStudio | Claim | AskAdmin | Allow | Deny | Talk | Misread
)
# fmt: on
