"""The word that Telegram shows at a pressed button, whose waiting sign it ends. There is one for each press."""

import asyncio
import logging

from telegram import CallbackQuery
from telegram.error import TelegramError

_log = logging.getLogger(__name__)

_PATIENCE_S = 1.0  # for what there is to say; then the waiting sign ends without a word
_LONGEST = 200


class Toasts:
    def __init__(self) -> None:
        self._expected: dict[str, asyncio.Future[str]] = {}
        self._answering: set[asyncio.Task[None]] = set()

    def expect(self, query: CallbackQuery) -> None:
        """A button was pressed; somebody will look into it."""
        word: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._expected[query.id] = word
        task = asyncio.create_task(self._answer(query, word))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    def show(self, query: CallbackQuery | None, text: str) -> bool:
        """False: the press was answered already, or the text is too long for that."""
        word = self._expected.get(query.id) if query is not None else None
        if word is None or word.done() or len(text) > _LONGEST:
            return False
        word.set_result(text)
        return True

    async def _answer(self, query: CallbackQuery, word: "asyncio.Future[str]") -> None:
        await asyncio.wait({word}, timeout=_PATIENCE_S)
        self._expected.pop(query.id, None)  # the same press may have come twice
        try:
            await query.answer(word.result() if word.done() else None)
        except TelegramError as error:  # too old, or Telegram is busy: the waiting sign ends by itself
            _log.debug("a button was not acknowledged: %s", error)
