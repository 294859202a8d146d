"""Says things in a chat: plain text, so that no name can format anything, without link previews."""

import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from telegram import LinkPreviewOptions, Message, MessageEntity, ReplyParameters
from telegram.ext import ExtBot

from bot.chat.delivery import ClosedError, RefusedError, TryLaterError, UncertainError
from bot.chat.retry import ANSWER_S, Policy, patiently
from bot.dialogue.message import AnyButton, Say
from bot.previews.sheets import Sheets
from bot.telegram.calls import Calls
from bot.telegram.keyboard import Keyboards
from bot.telegram.text import LONGEST_CAPTION, LONGEST_TEXT, clean, parts, width
from heygem.batches.model import Place

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
_PICTURE = "templates.jpg"
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Speaker:
    def __init__(self, bot: ExtBot[None], calls: Calls, sheets: Sheets) -> None:
        self._bot = bot
        self._calls = calls
        self._sheets = sheets
        self.keyboards = Keyboards()

    async def say(self, place: Place, say: Say, answers: int | None = None) -> None:
        """A new message, in several if it is long; `answers` is the message that it replies to.

        Raises:
            TryLaterError: nothing was said yet.
            UncertainError: its beginning may have been said, and nothing after it was.
        """
        text, photo = clean(say.text), await self._sheets.of(say.pictures) if say.pictures else None
        if photo and width(text) <= LONGEST_CAPTION:
            if await self._pictured(place, photo, text, say.buttons, answers):
                return
            photo = None
        first, *others = parts(text)
        await self._once(place, first, () if others else say.buttons, answers)
        for number, part in enumerate(others, start=1):
            await self.patiently(place, part, say.buttons if number == len(others) else ())
        if photo:
            with contextlib.suppress(TryLaterError):  # the text has said it all
                await self._pictured(place, photo, "", (), None)

    async def replace(self, place: Place, message: int, say: Say) -> bool:
        """Put it in the place of a message of ours; False where that can't be, or it is too long for one message.

        Raises:
            TryLaterError: nothing was changed.
        """
        text = clean(say.text)
        if width(text) > LONGEST_TEXT:
            return False
        try:
            await self.with_buttons(
                place,
                say.buttons,
                lambda chat: self._bot.edit_message_text(
                    self.keyboards.text(text, say.buttons),
                    chat,
                    message,
                    reply_markup=self.keyboards.below(say.buttons),
                    link_preview_options=NO_PREVIEW,
                ),
            )
        except RefusedError as error:
            return "message is not modified" in error.word.lower()
        except (ClosedError, UncertainError):
            return True  # nobody is there, or it may be shown; a second menu helps nobody
        return True

    async def patiently(
        self, place: Place, text: str, shown: Sequence[AnyButton] = (), answers: int | None = None
    ) -> None:
        """One message, as `answering` says it."""
        await answering(partial(self._once, place, text, shown, answers))

    async def send(
        self,
        place: Place,
        text: str,
        shown: Sequence[AnyButton] = (),
        *,
        answers: int | None = None,
        title: bool = False,
        silent: bool = False,
    ) -> int:
        """Send one message and return its id. Raises as `Calls.into` does."""

        async def send(chat: int) -> Message:
            return await self._bot.send_message(
                chat,
                self.keyboards.text(text, shown),
                message_thread_id=thread_of(place),
                entities=bold_title(text) if title else None,
                reply_markup=self.keyboards.below(shown),
                reply_parameters=_reply(answers),
                disable_notification=silent,
                link_preview_options=NO_PREVIEW,
            )

        return (await self.with_buttons(place, shown, send)).message_id

    async def with_buttons(
        self, place: Place, shown: Sequence[AnyButton], call: Callable[[int], Awaitable[Answer]]
    ) -> Answer:
        """Call, and once more where Telegram refused a button's address: then the link is in the text."""
        try:
            return await self._calls.into(place, call)
        except RefusedError as error:
            if not self.keyboards.refused(error, shown):
                raise
            return await self._calls.into(place, call)

    async def _pictured(
        self, place: Place, photo: bytes, text: str, shown: Sequence[AnyButton], answers: int | None
    ) -> bool:
        """Send a picture with a text below it; False: Telegram does not take it."""

        async def send(chat: int) -> Message:
            return await self._bot.send_photo(
                chat,
                photo,
                filename=_PICTURE,
                caption=self.keyboards.text(text, shown, LONGEST_CAPTION) or None,
                message_thread_id=thread_of(place),
                reply_markup=self.keyboards.below(shown),
                reply_parameters=_reply(answers),
            )

        try:
            await self.with_buttons(place, shown, send)
        except (ClosedError, UncertainError):
            _log.info("a picture was not or may not have been seen")
        except RefusedError as error:
            _log.warning("Telegram refused a picture: %s", error.word)
            return False
        return True

    async def _once(self, place: Place, text: str, shown: Sequence[AnyButton], answers: int | None) -> None:
        try:
            await self.send(place, text, shown, answers=answers)
        except ClosedError:
            _log.info("nobody is there to hear an answer")
        except RefusedError as error:
            _log.error("Telegram refused an answer: %s", error.word)


async def answering(say: Callable[[], Awaitable[None]]) -> None:
    """Say it, however long Telegram lets us wait. What Telegram can't take for a while, or may have taken, is given up:
    the chat goes on, and the person sees whether it came, and asks again.
    """
    try:
        await patiently(say, Policy(longest=ANSWER_S))
    except (TryLaterError, UncertainError) as error:
        _log.warning("an answer may not have arrived; it is not said again: %s", type(error).__name__)


def _reply(answers: int | None) -> ReplyParameters | None:
    return ReplyParameters(answers, allow_sending_without_reply=True) if answers is not None else None


def thread_of(place: Place) -> int | None:
    return int(place.thread) if place.thread else None


def bold_title(text: str) -> list[MessageEntity]:
    return [MessageEntity(MessageEntity.BOLD, 0, width(text.partition("\n")[0]))]
