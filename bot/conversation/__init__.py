"""The dialogue, the same on every platform: what was said → what changes in the batch → what to answer.

It keeps nothing in memory between two messages: a batch in Redis is the whole state, so a bot may die at any moment.
Messages of one place come one after the other (`bot.order.Queues`); places run side by side.
"""

import logging
from collections.abc import Mapping

from redis.exceptions import RedisError

from bot import buttons
from bot.access import Access
from bot.allowance import Allowance
from bot.conversation import attachments, batches, doors, endings, history, own_voice, preferences, templates
from bot.conversation.turn import House, Replies, Turn
from bot.message import Message, Say
from bot.replies import language_of
from heygem.archive.links import Links
from heygem.batches.people import People
from heygem.batches.store import Store
from heygem.batches.uploads import UploadLinks
from heygem.errors import ErrorCode, HeygemError, Param
from heygem.sentences import Language, explain
from heygem.settings import Settings
from heygem.storage import Storage, is_disk_full

_log = logging.getLogger(__name__)

COMMANDS = {
    **batches.COMMANDS,
    **endings.COMMANDS,
    **history.COMMANDS,
    **templates.COMMANDS,
    **preferences.COMMANDS,
    **doors.COMMANDS,
}
_BUTTONS = {
    **batches.BUTTONS,
    **attachments.BUTTONS,
    **own_voice.BUTTONS,
    **endings.BUTTONS,
    **history.BUTTONS,
    **templates.BUTTONS,
    **preferences.BUTTONS,
}


class Conversation:
    """`handle` answers one message and never raises: whatever goes wrong is a sentence among the replies."""

    def __init__(
        self,
        store: Store,
        people: People,
        links: Links,
        storage: Storage,
        settings: Settings,
        access: Access,
        allowance: Allowance,
    ) -> None:
        uploads = UploadLinks(store.redis, settings)
        self._house = House(store, people, links, storage, settings, access, allowance, uploads)

    async def handle(self, message: Message) -> Replies:
        language = language_of(message.language, self._house.settings.language)
        try:
            turn = await self._turn(message, language)
            language = turn.language
            return await self._answer(turn)
        except HeygemError as error:
            return [_excuse(error.code, error.params, language)]
        except RedisError:
            return [_excuse(ErrorCode.QUEUE_UNREACHABLE, {}, language)]
        except Exception as error:
            return [_unexpected(error, language)]

    async def _turn(self, message: Message, language: Language) -> Turn:
        chosen = await self._house.people.preferences(message.person)
        admin = await self._house.access.is_admin(message.person)
        return Turn(self._house, message, chosen.language or language, admin, chosen)

    async def _answer(self, turn: Turn) -> Replies:
        command, argument = _command(turn.message.text)
        if not await self._house.access.serves(turn.message.person, turn.place):
            return await doors.stranger(turn, command, argument)
        if turn.message.button is not None:
            return await _press(turn, turn.message.button)
        if turn.message.attachment is not None:
            return await attachments.receive(turn, turn.message.attachment)
        if command in COMMANDS:
            return await COMMANDS[command](turn, argument)
        return _small_talk(turn, command)


async def _press(turn: Turn, data: str) -> Replies:
    pressed = buttons.read(data)
    if pressed is None or pressed.verb not in _BUTTONS:
        return turn.say(turn.words.talk.unknown_button)
    return await _BUTTONS[pressed.verb](turn, pressed)


def _small_talk(turn: Turn, command: str) -> Replies:
    if not turn.message.direct:
        return []
    if command:
        return turn.say(turn.words.talk.unknown_command.format(command=f"/{command}"))
    return turn.say(turn.words.talk.hint)


def _command(text: str) -> tuple[str, str]:
    """/generate@heygem_bot now → generate, "now"; ("", "") for what is no command."""
    head, *rest = text.split(maxsplit=1) or [""]
    if not head.startswith("/"):
        return "", ""
    argument = rest[0] if rest else ""
    return head[1:].partition("@")[0].lower()[:40], argument.strip()


def _excuse(code: ErrorCode, params: Mapping[str, Param], language: Language) -> Say:
    return Say(explain(code, params, language), error=code)


def _unexpected(error: Exception, language: Language) -> Say:
    if isinstance(error, OSError) and is_disk_full(error):
        return _excuse(ErrorCode.DISK_FULL, {"needed_mb": 1, "free_mb": 0}, language)
    _log.exception("a message could not be answered", exc_info=error)
    return _excuse(ErrorCode.INTERNAL, {}, language)
