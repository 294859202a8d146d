"""The dialogue, the same through every door: an intent → what changes in the batch → what to answer.

It keeps nothing in memory between two messages: a batch in Redis is the whole state, so a bot may die at any moment.
Messages of one place come one after the other (`bot.dialogue.ordering`); places run side by side. While a file is
fetched, what does not depend on it is answered.
"""

import contextlib
import logging
from dataclasses import replace

from redis.exceptions import RedisError

from bot.dialogue import admission, edits
from bot.dialogue.context import Context, Replies
from bot.dialogue.handlers import HANDLERS
from bot.dialogue.intents import AddFile, AskDelete, Intent, ShowPast
from bot.dialogue.message import Answer, Reply, Said, Say, ShowStatus, Toast
from bot.dialogue.names import shown_name
from bot.dialogue.services import Services
from bot.dialogue.text import Catalogue, Language, catalogue, language_of
from bot.dialogue.waiting import wait_for_files
from heygem.base.disk import is_disk_full
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Place

_log = logging.getLogger(__name__)


class Dialogue:
    """`do` answers one message and never raises: whatever goes wrong is a sentence among the replies."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def do(self, said: Said, intent: Intent) -> Answer:
        language = language_of(said.language, self._services.settings.language)
        try:
            context = await self._context(said, language)
            language = context.language
            replies = await _handled(context, intent)
            self._look_at(replies)
            return Answer(tuple(_spoken(context, reply) for reply in replies))
        except HeygemError as error:
            excused = error
        except RedisError:
            excused = HeygemError(ErrorCode.QUEUE_UNREACHABLE)
        except Exception as error:
            excused = _unexpected(error)
        sentence = _sentence(excused, intent, catalogue(language, said.style))
        return Answer((Toast(sentence) if said.pressed else Say(sentence),), excused)

    def _look_at(self, replies: Replies) -> None:
        """What is shown while it is collected is looked at beside the conversation."""
        for reply in replies:
            if self._services.looks is not None and isinstance(reply, ShowStatus):
                self._services.looks.at(reply.batch_id)

    async def where(self, said: Said, intent: Intent) -> Place:
        """The place whose earlier messages this one has to wait for: that of the batch it means."""
        with contextlib.suppress(HeygemError, RedisError):
            if batch := await self._services.store.find(_batch_of(intent)):
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
    if context.said.edited and (replies := await edits.edited(context, intent)) is not None:
        return replies
    await edits.note(context, intent)
    await wait_for_files(context, intent)
    return await HANDLERS[type(intent)](context, intent)


def _spoken(context: Context, reply: Reply) -> Reply:
    if isinstance(reply, ShowStatus) and reply.speaker is None:
        return replace(reply, speaker=context.speaker)
    return reply


def _sentence(error: HeygemError, intent: Intent, words: Catalogue) -> str:
    """A file that could not be written down is gone, and its sender has to know that."""
    if isinstance(intent, AddFile) and error.code is ErrorCode.QUEUE_UNREACHABLE:
        name = shown_name(intent.attachment.name) or words.units.unnamed_template
        return words.talk.not_taken.format(name=name)
    return words.explain(error.code, error.params)


def _unexpected(error: Exception) -> HeygemError:
    if isinstance(error, OSError) and is_disk_full(error):
        return HeygemError(ErrorCode.DISK_FULL, needed_mb=1, free_mb=0)
    _log.exception("a message could not be answered", exc_info=error)
    return HeygemError(ErrorCode.INTERNAL)


def _batch_of(intent: Intent) -> str:
    """The id of the batch that an intent names, if it names one."""
    match intent:
        case ShowPast(which) | AskDelete(which):
            return which
        case _:
            return str(getattr(intent, "batch", ""))
