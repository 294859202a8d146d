"""One update: hand it to the dialogue, show what comes back."""

import contextlib
import logging
from functools import partial
from typing import Any

from telegram import Message, Update
from telegram.ext import ExtBot

from bot.chat.assembly import Bot
from bot.chat.notifier import Notifier
from bot.dialogue.intents import AddFile
from bot.dialogue.message import Said, Say, ShowStatus, Tell, Toast, private_place
from bot.telegram.calls import Calls
from bot.telegram.files import Files
from bot.telegram.incoming import read
from bot.telegram.speaker import Speaker, answering
from bot.telegram.toasts import Toasts
from heygem.base.errors import HeygemError

_log = logging.getLogger(__name__)


class Talk:
    def __init__(
        self, bot: ExtBot[None], house: Bot, calls: Calls, speaker: Speaker, files: Files, notifier: Notifier
    ) -> None:
        self._bot = bot
        self._house = house
        self._calls = calls
        self._speaker = speaker
        self._files = files
        self._notifier = notifier
        self._toasts = Toasts()

    def arrived(self, update: Update) -> None:
        """Stop a pressed button's waiting sign soon, whatever else that chat is waiting for."""
        if update.callback_query is not None:
            self._toasts.expect(update.callback_query)

    async def answer(self, update: Update, _: object) -> None:
        if update.message is not None and (successor := update.message.migrate_to_chat_id):
            await self._calls.move(str(update.message.chat.id), str(successor))
            return
        if (understood := read(update, self._bot.bot, self._files)) is None:
            return
        said, intent = understood
        self._calls.heard_from(said.place)
        answers = _worth_a_reply(update.message or update.edited_message, said, file=isinstance(intent, AddFile))
        for reply in (await self._house.dialogue.do(said, intent)).replies:
            match reply:
                case ShowStatus():
                    there = await self._pressed_there(update, reply)
                    self._notifier.show(reply.batch_id, in_place=there, added=reply.added, speaker=reply.speaker)
                case Toast() if not self._toasts.show(update.callback_query, reply.text):
                    await self._say(said, Say(reply.text), answers)
                case Say():
                    await self._say(said, reply, answers)
                case Tell():
                    await self._tell(reply)
        self._toasts.show(update.callback_query, "")
        if update.callback_query is not None and update.callback_query.message is not None:
            await self._notifier.tidy(said.place, str(update.callback_query.message.message_id), intent)

    async def _tell(self, tell: Tell) -> None:
        """Somebody else, who may have blocked us: then nothing is said."""
        await answering(partial(self._speaker.say, private_place(tell.person), tell.say))

    async def _say(self, said: Said, say: Say, answers: int | None) -> None:
        async def shown() -> None:
            if say.again and said.pressed and await self._speaker.replace(said.place, int(said.pressed), say):
                return
            await self._speaker.say(said.place, say, answers)

        await answering(shown)

    async def _pressed_there(self, update: Update, reply: ShowStatus) -> bool:
        """Whether the button that was pressed stands below the status message itself."""
        pressed = update.callback_query.message if update.callback_query else None
        if pressed is None:
            return False
        with contextlib.suppress(HeygemError):
            batch = await self._house.store.find(reply.batch_id)
            return batch is not None and batch.status_message == str(pressed.message_id)
        return False


async def failed(update: object, context: Any) -> None:
    """PTB's last resort. What people said is not written down."""
    number = update.update_id if isinstance(update, Update) else None
    _log.error("update %s could not be answered", number, exc_info=context.error)


def _worth_a_reply(message: Message | None, said: Said, *, file: bool) -> int | None:
    """The message that an answer refers to, where several people or files make it unclear."""
    return message.message_id if message is not None and (file or not said.private) else None
