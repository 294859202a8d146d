"""The dialogue, the same through every door: an intent → what changes in the batch → what to answer.

It keeps nothing in memory between two messages: a batch in Redis is the whole state, so a bot may die at any moment.
Messages of one place come one after the other (`bot.chat.ordering.Queues`); places run side by side.
"""

import contextlib
import logging

from redis.exceptions import RedisError

from bot.dialogue import (
    admission,
    again,
    batch,
    exports,
    files,
    history,
    keys,
    library,
    options,
    pictures,
    trial,
    voices,
)
from bot.dialogue.access import Access
from bot.dialogue.context import Context, Handlers, Replies, Services
from bot.dialogue.intents import AddFile, Intent, Misread, Talk, batch_of
from bot.dialogue.message import Answer, Said, Say, ShowStatus, Toast
from bot.dialogue.names import shown_name
from bot.dialogue.quota import Allowance
from bot.dialogue.text import catalogue, language_of
from bot.looks import Looks
from heygem.archive.links import Links
from heygem.batches.model import Place
from heygem.batches.people import People
from heygem.batches.store import Store
from heygem.batches.uploads import UploadLinks
from heygem.errors import ErrorCode, HeygemError
from heygem.sentences import Language, explain_error
from heygem.settings import Settings
from heygem.storage import Storage, is_disk_full

_log = logging.getLogger(__name__)


class Dialogue:
    """`do` answers one message and never raises: whatever goes wrong is a sentence among the replies."""

    def __init__(
        self,
        store: Store,
        people: People,
        links: Links,
        storage: Storage,
        settings: Settings,
        access: Access,
        allowance: Allowance,
        looks: Looks | None = None,
    ) -> None:
        """`looks` has the templates of batches looked at that are shown while they are collected."""
        self._looks = looks
        uploads = UploadLinks(store.redis, settings)
        self._services = Services(store, people, links, storage, settings, access, allowance, uploads)

    async def do(self, said: Said, intent: Intent) -> Answer:
        language = language_of(said.language, self._services.settings.language)
        try:
            context = await self._context(said, language)
            language = context.language
            replies = await _handled(context, intent)
            self._look_at(replies)
            return Answer(tuple(replies))
        except HeygemError as error:
            excused = error
        except RedisError:
            excused = HeygemError(ErrorCode.QUEUE_UNREACHABLE)
        except Exception as error:
            excused = _unexpected(error)
        sentence = _sentence(excused, intent, language)
        return Answer((Toast(sentence) if said.pressed else Say(sentence),), excused)

    def _look_at(self, replies: Replies) -> None:
        for reply in replies:
            if self._looks is not None and isinstance(reply, ShowStatus):
                self._looks.at(reply.batch_id)

    async def where(self, said: Said, intent: Intent) -> Place:
        """The place whose earlier messages this one has to wait for: that of the batch it means."""
        with contextlib.suppress(HeygemError, RedisError):
            if batch := await self._services.store.find(batch_of(intent)):
                return batch.place if batch.place.chat == said.place.chat else said.place
            if said.rooms is not None and (mine := await (await self._context(said, "en")).current()):
                return mine.place
        return said.place

    async def _context(self, said: Said, language: Language) -> Context:
        standing = await self._services.access.standing(said.person, said.place)
        return Context(self._services, said, standing.preferences.language or language, standing)


async def _handled(context: Context, intent: Intent) -> Replies:
    if not context.standing.served:
        return await admission.stranger(context, intent)
    return await HANDLERS[type(intent)](context, intent)


async def _talk(context: Context, intent: Talk) -> Replies:
    if not context.said.direct:
        return []
    if intent.command:
        return context.say(context.words.talk.unknown_command.format(command=f"/{intent.command}"))
    return context.say(context.words.talk.hint)


async def _misread(_: Context, intent: Misread) -> Replies:
    raise HeygemError(intent.code)


def _sentence(error: HeygemError, intent: Intent, language: Language) -> str:
    """A file that could not be written down is gone, and its sender has to know that."""
    if isinstance(intent, AddFile) and error.code is ErrorCode.QUEUE_UNREACHABLE:
        words = catalogue(language)
        name = shown_name(intent.attachment.name) or words.units.unnamed_template
        return words.talk.not_taken.format(name=name)
    return explain_error(error, language)


def _unexpected(error: Exception) -> HeygemError:
    if isinstance(error, OSError) and is_disk_full(error):
        return HeygemError(ErrorCode.DISK_FULL, needed_mb=1, free_mb=0)
    _log.exception("a message could not be answered", exc_info=error)
    return HeygemError(ErrorCode.INTERNAL)


HANDLERS: Handlers = {
    **batch.HANDLERS,
    **files.HANDLERS,
    **voices.HANDLERS,
    **pictures.HANDLERS,
    **trial.HANDLERS,
    **again.HANDLERS,
    **exports.HANDLERS,
    **history.HANDLERS,
    **library.HANDLERS,
    **options.HANDLERS,
    **keys.HANDLERS,
    **admission.HANDLERS,
    Talk: _talk,
    Misread: _misread,
}
