"""The status message of a batch on Telegram; see `bot.chat.screen.Screen`."""

import asyncio
import logging

from telegram.ext import ExtBot

from bot.chat.delivery import ClosedError, DeliveryError, GoneError, RefusedError, TryLaterError, UncertainError
from bot.dialogue.message import Say
from bot.dialogue.status import StatusView
from bot.dialogue.text import SLASHED, CommandStyle, catalogue
from bot.telegram.calls import Calls
from bot.telegram.speaker import NO_PREVIEW, Speaker, bold_title
from bot.telegram.text import clean, fit
from heygem.batches.model import Batch, BatchState, Place

_log = logging.getLogger(__name__)

TELEGRAM = "telegram"
_PRIVATE_S, _GROUP_S = 3.0, 6.0  # Telegram lets us send 1 message a second, 20 a minute into a group
_EDITS_PER_SECOND = 20.0  # into all chats together; over-editing is punished with hours
_RECENT_S = 30.0
_AGAIN_S = 2.0
_NOT_POSTED = "0"  # stands for a message in a chat that is closed to us
_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid", "message identifier")


class TelegramScreen:
    platform = TELEGRAM

    def __init__(self, bot: ExtBot[None], calls: Calls, speaker: Speaker) -> None:
        self._bot = bot
        self._calls = calls
        self._speaker = speaker
        self._edited: dict[str, float] = {}  # batch → loop time of its latest edit

    def style(self, place: Place) -> CommandStyle:  # noqa: ARG002 (the same everywhere)
        return SLASHED

    def pace(self, place: Place) -> float:
        """The more batches are being edited, the slower each."""
        now = asyncio.get_running_loop().time()
        self._edited = {batch: at for batch, at in self._edited.items() if now - at < _RECENT_S}
        alone = _GROUP_S if _in_group(place) else _PRIVATE_S
        return max(alone, len(self._edited) / _EDITS_PER_SECOND)

    async def post(self, batch: Batch, view: StatusView) -> str:
        """Post anew; the old one goes, or in a group points to the new one. Only a batch's first one makes a sound."""
        again = bool(batch.status_message)
        try:
            message = await self._speaker.send(batch.place, _text(batch, view), view.buttons, title=True, silent=again)
        except ClosedError:
            return _NOT_POSTED
        except UncertainError:
            # A status twice is a blemish, none at all leaves a person without a button to press.
            raise TryLaterError(_AGAIN_S) from None
        if again and _in_group(batch.place):
            await self._retire(batch)
        elif again:
            await self.remove(batch, batch.status_message)
        if self._calls.moved(batch.place):
            raise TryLaterError(0)  # its id means nothing in the new chat
        return str(message)

    async def edit(self, batch: Batch, view: StatusView) -> None:
        if batch.status_message == _NOT_POSTED and self._calls.closed(batch.place):
            return
        self._edited[batch.id] = asyncio.get_running_loop().time()
        text, keyboards = _text(batch, view), self._speaker.keyboards
        try:
            await self._speaker.with_buttons(
                batch.place,
                view.buttons,
                lambda chat: self._bot.edit_message_text(
                    keyboards.text(text, view.buttons),
                    chat,
                    int(batch.status_message),
                    entities=bold_title(text),
                    reply_markup=keyboards.below(view.buttons),
                    link_preview_options=NO_PREVIEW,
                ),
            )
        except ClosedError:
            return
        except UncertainError:
            raise TryLaterError(_AGAIN_S) from None  # an edit may be repeated
        except RefusedError as error:
            _forgive(error)

    async def say(self, place: Place, say: Say) -> None:
        await self._speaker.say(place, say)

    async def remove(self, batch: Batch, message: str) -> None:
        try:
            await self._calls.into(batch.place, lambda chat: self._bot.delete_message(chat, int(message)))
        except DeliveryError as error:
            _log.debug("an old status stays: %s", error)

    async def _retire(self, batch: Batch) -> None:
        """It stays as a line: in a group a reply to a message that is gone may never reach us (privacy mode)."""
        line = catalogue(batch.language).telegram.moved
        old = int(batch.status_message)
        try:
            await self._calls.into(batch.place, lambda chat: self._bot.edit_message_text(line, chat, old))
        except DeliveryError as error:
            _log.debug("an old status stays as it was: %s", error)


def _in_group(place: Place) -> bool:
    return place.chat.startswith("-")


def _text(batch: Batch, view: StatusView) -> str:
    """In a group it says how files reach us: with privacy mode a bot sees only what answers it."""
    asks = _in_group(batch.place) and view.state is BatchState.COLLECTING
    how = f"\n{catalogue(batch.language).telegram.reply}" if asks else ""
    return fit(clean(view.text + how))


def _forgive(error: RefusedError) -> None:
    """What Telegram refuses about an edit: it is shown already, or it can't be shown there any more."""
    said = error.word.lower()
    if "message is not modified" in said:
        return
    if any(words in said for words in _GONE):
        raise GoneError from None
    raise error
