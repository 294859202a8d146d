"""The library: templates that were saved under a name."""

from bot.dialogue.codec import button
from bot.dialogue.intents import AskDeleteTemplate, UseTemplate
from bot.dialogue.library import LONGEST_NAME, kind_of, sets_of, short
from bot.dialogue.text import catalogue
from bot.dialogue.units import size
from bot.web.site import Site
from bot.web.studio.cards import choices, faces
from bot.web.studio.page import LibraryPage, SetCard, Told
from bot.web.studio.visitor import Visitor
from bot.web.studio.words import WORDS
from heygem.batches.model import MediaFile


async def library_page(site: Site, visitor: Visitor, sought: str, told: tuple[Told, ...] = ()) -> LibraryPage:
    """`sought`: only what has this in its name, or in that of a file."""
    words, saved = WORDS[visitor.language], await site.bot.people.templates(visitor.person)
    shown = {name: files for name, files in sets_of(saved).items() if _has(sought, name, files)}
    return LibraryPage(
        words=words,
        form_key=visitor.form_key,
        at=LibraryPage.name,
        sets=tuple([await _card(site, visitor, name, files) for name, files in shown.items()]),
        sought=sought,
        space=words.library_space.format(used=size(_bytes(list(saved.values())))) if saved else "",
        longest_name=LONGEST_NAME,
        told=told,
    )


def _has(sought: str, name: str, files: list[MediaFile]) -> bool:
    return any(sought.casefold() in each.casefold() for each in (name, *(file.name for file in files)))


async def _card(site: Site, visitor: Visitor, name: str, files: list[MediaFile]) -> SetCard:
    said = catalogue(visitor.language)
    use = button(WORDS[visitor.language].use, UseTemplate(short(name)))
    delete = button(said.buttons.delete, AskDeleteTemplate(short(name)))
    return SetCard(
        key=short(name),
        name=name,
        kind=kind_of(files, said),
        size=size(_bytes(files)),
        pictures=await faces(site, files),
        choices=choices((use, delete)),
    )


def _bytes(files: list[MediaFile]) -> int:
    """Of each file once."""
    return sum({file.sha256: file.info.size for file in files}.values())
