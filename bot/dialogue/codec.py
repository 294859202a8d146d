"""Words and buttons to intents, and intents to buttons: "/generate", "gen:k3x7abcdef".

A button's data is a verb and its intent's fields, at most 64 bytes. It comes back from a stranger's client: whoever
handles the intent checks the batch against the place and the person. An answer to a question names whom it was put to.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping

from bot.dialogue.intents import (
    Allow,
    AskAdmin,
    AskClear,
    AskDelete,
    AskDeleteTemplate,
    AskDiscard,
    AskForget,
    AskRemove,
    AskVoiceFor,
    Cancel,
    ChooseOption,
    ChooseVoiceFor,
    Claim,
    ClearHistory,
    CloseStudio,
    DeleteBatch,
    DeleteTemplate,
    Deny,
    Discard,
    DropTranscript,
    DropVoiceFor,
    ExplainHistory,
    ExplainTemplates,
    Export,
    Forget,
    Generate,
    Help,
    Intent,
    Keep,
    ListTemplates,
    MakeKey,
    Misread,
    MoveItem,
    OpenBatch,
    OpenStudio,
    Pause,
    Preview,
    PutFirst,
    RemoveItem,
    RenameItem,
    RenameTemplate,
    Resume,
    Retry,
    Reuse,
    RevokeKey,
    SaveTemplate,
    SetOption,
    ShowBatch,
    ShowHistory,
    ShowOptions,
    ShowPast,
    ShowPictures,
    Start,
    Talk,
    TryOne,
    UseTemplate,
    UseTranscript,
)
from bot.dialogue.message import Button
from heygem.base.errors import ErrorCode
from heygem.batches.model import Person

_LONGEST_NUMBER = 6
_LONGEST_COMMAND = 40

# Verbs stay what they are: buttons of years ago are still pressed.
VERBS: Mapping[str, type[Intent]] = {
    "gen": Generate,
    "try": TryOne,
    "prv": Preview,
    "can": Cancel,
    "pau": Pause,
    "res": Resume,
    "fst": PutFirst,
    "dsc": AskDiscard,
    "dsy": Discard,
    "rmm": AskRemove,
    "rm": RemoveItem,
    "mov": MoveItem,
    "pic": ShowPictures,
    "own": ChooseVoiceFor,
    "owm": AskVoiceFor,
    "owd": DropVoiceFor,
    "sta": ShowBatch,
    "exp": Export,
    "txt": DropTranscript,
    "utx": UseTranscript,
    "his": ShowPast,
    "del": AskDelete,
    "dls": DeleteBatch,
    "clr": AskClear,
    "cls": ClearHistory,
    "kep": Keep,
    "use": UseTemplate,
    "tde": AskDeleteTemplate,
    "tds": DeleteTemplate,
    "ops": ShowOptions,
    "opt": ChooseOption,
    "set": SetOption,
    "fgt": Forget,
    "new": OpenBatch,
    "rty": Retry,
    "rus": Reuse,
    "ask": AskAdmin,
    "alw": Allow,
    "dny": Deny,
}
# Only words may mean the current batch.
_OF_WHAT_GOES_ON = (Cancel, Pause, Resume, PutFirst, ShowBatch, Export)
NAMING = (Generate, TryOne, Preview, AskRemove, RemoveItem, MoveItem, ShowPictures, *_OF_WHAT_GOES_ON)
# Only who was asked may give them.
ANSWERS = (Discard, DeleteBatch, DeleteTemplate, ClearHistory, Forget, Keep, AskAdmin)
_USE = "use_"  # and the name of saved templates
_STARTS: Mapping[str, Intent] = {
    "help": Help(),
    "batch": OpenBatch(),
    "status": ShowBatch(),
    "templates": ListTemplates(),
    "history": ShowHistory(),
    "settings": ShowOptions(),
}
_VERB_OF = {intent: verb for verb, intent in VERBS.items()}


def _history(argument: str) -> Intent:
    match argument.lower().split():
        case []:
            return ShowHistory()
        case ["clear"]:
            return AskClear()
        case [which] if number_in(which):
            return ShowPast(which)
        case ["delete", which] if number_in(which):
            return AskDelete(which)
        case _:
            return ExplainHistory()


def _templates(argument: str) -> Intent:
    verb, _, name = argument.partition(" ")
    match verb.lower(), name.strip():
        case "", _:
            return ListTemplates()
        case "save", name:
            return SaveTemplate(name)
        case "use", name:
            return UseTemplate(name=name)
        case "delete", name:
            return DeleteTemplate(name=name)
        case "rename", names:
            return _renamed(names)
        case _:
            return ExplainTemplates()


def _renamed(names: str) -> Intent:
    """ "anna to ben": the last "to" counts, so that a name may have one."""
    name, to, new = names.rpartition(" to ")
    return RenameTemplate(new=new.strip(), name=name.strip()) if to else ExplainTemplates()


def _settings(argument: str) -> Intent:
    name, _, value = argument.partition(" ")
    name, value = name.lower(), value.strip().lower()
    if not name:
        return ShowOptions()
    return SetOption(name, value) if value else ChooseOption(name)


def _preview(argument: str) -> Intent:
    piece, _, number = argument.partition(" ")
    return Preview(piece=piece.lower(), number=number.strip())


def _move(argument: str) -> Intent:
    return MoveItem("", *argument.split(maxsplit=1))


def _rename(argument: str) -> Intent:
    return RenameItem("", *argument.split(maxsplit=1))


def _key(argument: str) -> Intent:
    return RevokeKey() if argument.lower() == "revoke" else MakeKey()


def _studio(argument: str) -> Intent:
    return CloseStudio() if argument.lower() == "off" else OpenStudio()


def _start(argument: str) -> Intent:
    """What came with a link to the bot (`?start=…`): letters, digits, "_" and "-". Nothing that deletes or starts."""
    name = argument.removeprefix(_USE)
    if name != argument and name:
        return UseTemplate(name=name)
    return _STARTS.get(argument, Start(argument))


COMMANDS: Mapping[str, Callable[[str], Intent]] = {
    "start": _start,
    "help": lambda _: Help(),
    "batch": lambda _: OpenBatch(),
    "generate": lambda _: Generate(),
    "try": lambda argument: TryOne(number=argument),
    "preview": _preview,
    "status": lambda _: ShowBatch(),
    "cancel": lambda _: Cancel(),
    "pause": lambda _: Pause(),
    "resume": lambda _: Resume(),
    "first": lambda _: PutFirst(),
    "remove": lambda argument: RemoveItem(item=argument) if argument else AskRemove(),
    "move": _move,
    "rename": _rename,
    "pictures": lambda _: ShowPictures(),
    "export": lambda _: Export(),
    "history": _history,
    "forget": lambda _: AskForget(),
    "templates": _templates,
    "settings": _settings,
    "apikey": _key,
    "web": _studio,
    "claim": Claim,
    "allow": Allow,
    "deny": Deny,
}


def parse(text: str, *, bare: bool = False) -> Intent:
    """What a text means: "/generate@heygem_bot now" is Generate(), what is no command is talk.

    Args:
        bare: Commands need no slash here, and no words at all begin a batch.
    """
    head, *rest = text.split(maxsplit=1) or (["batch"] if bare else [""])
    typed = head.removeprefix("/").partition("@")[0]
    if (head.startswith("/") or bare) and (word := typed.lower()) in COMMANDS:
        return COMMANDS[word](rest[0].strip() if rest else "")
    return Talk(typed[:_LONGEST_COMMAND] if head.startswith("/") else "")


def encode(intent: Intent, asked: Person | None = None) -> str:
    """A button's data. `asked` is whom the question was put to that the intent answers."""
    fields = [str(value) for value in dataclasses.astuple(intent)]
    while fields and not fields[-1]:
        fields.pop()
    binding = [_mark(asked)] if isinstance(intent, ANSWERS) and asked else []
    return ":".join([_VERB_OF[type(intent)], *fields, *binding])


def decode(data: str, presser: Person) -> Intent:
    """What a pressed button means; Misread for what no button of ours sends, and for another's answer."""
    verb, *fields = data.split(":")
    kind = VERBS.get(verb)
    if kind in ANSWERS and (not fields or fields.pop() != _mark(presser)):
        return Misread(ErrorCode.NOT_ASKED)
    try:
        if kind is None or not all(fields[-1:]) or (kind in NAMING and not fields):
            raise TypeError
        return kind(*fields)  # type: ignore[arg-type]  # all fields of what has a verb are strings
    except TypeError:
        return Misread(ErrorCode.BUTTON_UNKNOWN)


def intent_of(data: str) -> type[Intent] | None:
    """What kind of button it is."""
    return VERBS.get(data.partition(":")[0])


def button(label: str, intent: Intent, asked: Person | None = None) -> Button:
    return Button(label, encode(intent, asked))


def number_in(text: str) -> int | None:
    """The number that a person typed, if it is one."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else None


def _mark(person: Person) -> str:
    return hashlib.sha256(person.owner.encode()).hexdigest()[:8]
