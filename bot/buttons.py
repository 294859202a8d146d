"""Buttons and what their data means: a verb and its arguments, at most 64 bytes ("gen:k3x7abcdef").

Data comes back from a stranger's client: whoever reads it checks the batch against the place and the person.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.message import Button


class Verb(StrEnum):
    GENERATE = "gen"
    CANCEL = "can"
    REMOVE_MENU = "rmm"
    REMOVE = "rm"
    OWN_VOICE = "own"
    STATUS = "sta"
    EXPORT = "exp"
    NO_TRANSCRIPT = "txt"
    HISTORY_SHOW = "his"
    DELETE = "del"
    DELETE_SURE = "dls"
    CLEAR = "clr"
    CLEAR_SURE = "cls"
    KEEP = "kep"
    TEMPLATE_USE = "use"
    OPTIONS = "ops"
    OPTION = "opt"
    SET = "set"
    FORGET_SURE = "fgt"
    NEW = "new"


OF_STATUS = frozenset({Verb.GENERATE, Verb.REMOVE_MENU, Verb.OPTIONS, Verb.CANCEL})  # below status messages only


@dataclass(frozen=True)
class Pressed:
    verb: Verb
    arguments: tuple[str, ...]

    def argument(self, index: int) -> str:
        return self.arguments[index] if index < len(self.arguments) else ""


def read(data: str) -> Pressed | None:
    """What a button's data means; None for what no button of ours sends."""
    verb, *arguments = data.split(":")
    return Pressed(Verb(verb), tuple(arguments)) if verb in list(Verb) else None


def button(label: str, verb: Verb, *arguments: str) -> Button:
    return Button(label, ":".join((verb.value, *arguments)))


def generate(batch_id: str, label: str) -> Button:
    return button(label, Verb.GENERATE, batch_id)


def cancel(batch_id: str, label: str) -> Button:
    return button(label, Verb.CANCEL, batch_id)


def export(batch_id: str, label: str) -> Button:
    return button(label, Verb.EXPORT, batch_id)


def own_voice(batch_id: str, item_id: str, label: str) -> Button:
    return button(label, Verb.OWN_VOICE, batch_id, item_id)


def options(batch_id: str, label: str) -> Button:
    return button(label, Verb.OPTIONS, batch_id)


def remove_menu(batch_id: str, label: str) -> Button:
    return button(label, Verb.REMOVE_MENU, batch_id)
