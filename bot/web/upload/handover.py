"""A whole file goes on like one sent in the chat: the same checks, the same batch rules, the same sentences."""

import asyncio
import logging
from collections import Counter
from pathlib import Path

from bot.dialogue.dialogue import Dialogue
from bot.dialogue.intents import AddFile
from bot.dialogue.message import Answer, Attachment, Said, Say
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Place
from heygem.batches.store import Store
from heygem.engines.failure import MACHINE
from heygem.links.arrivals import Arrival, Arrivals, ArrivalState
from heygem.links.upload import Invitation

_log = logging.getLogger(__name__)
_TRIES = 3  # for what went wrong on our side and may go wrong each time


class Handover:
    """Runs in the background, so that a page that was closed changes nothing.

    A process that dies in the middle leaves the file as it was: the next question about it hands it over again, and the
    batch takes the same upload only once.
    """

    def __init__(self, dialogue: Dialogue, store: Store, arrivals: Arrivals) -> None:
        self._dialogue = dialogue
        self._store = store
        self._arrivals = arrivals
        self._running: dict[str, asyncio.Task[None]] = {}
        self._tries: Counter[str] = Counter()  # arrival → how often something went wrong on our side

    def start(self, invitation: Invitation, arrival: Arrival, path: Path) -> None:
        if arrival.id not in self._running:
            self._running[arrival.id] = asyncio.create_task(self._run(invitation, arrival, path))

    @property
    def busy(self) -> bool:
        return bool(self._running)

    async def stop(self) -> None:
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _run(self, invitation: Invitation, arrival: Arrival, path: Path) -> None:
        try:
            await self._hand_over(invitation, arrival, path)
        except HeygemError as error:  # the batch went, or Redis is away and the file stays
            _log.warning("an upload waits: %s", error)
        finally:
            del self._running[arrival.id]

    def _passing(self, arrival: Arrival, answer: Answer) -> ErrorCode | None:
        """Trouble that is not the file's: it stays, and is handed over again when it is next asked for."""
        code = answer.error.code if answer.error else None
        if code not in MACHINE and code is not ErrorCode.QUEUE_UNREACHABLE:
            return None
        if code is ErrorCode.INTERNAL:
            self._tries[arrival.id] += 1
            if self._tries[arrival.id] >= _TRIES:
                return None
        return code

    async def _hand_over(self, invitation: Invitation, arrival: Arrival, path: Path) -> None:
        batch = await self._store.get(invitation.batch)
        said = _said(invitation, batch.place, arrival)
        answer = await self._dialogue.do(said, _intent(invitation, arrival, path))
        taken = await self._store.batch_of_message(batch.place, said.id)
        if not taken and (passing := self._passing(arrival, answer)):
            raise HeygemError(passing)
        state = ArrivalState.ADDED if taken else ArrivalState.REFUSED
        told = arrival.model_copy(update={"state": state, "sentence": _told(answer)})
        await self._arrivals.keep(invitation.batch, told)
        path.unlink(missing_ok=True)


def _intent(invitation: Invitation, arrival: Arrival, path: Path) -> AddFile:
    async def fetch(target: Path, _: int) -> None:
        target.hardlink_to(path)  # not moved: a try that ends half way must find it again

    return AddFile(Attachment(fetch, name=arrival.name), invitation.text)


def _said(invitation: Invitation, place: Place, arrival: Arrival) -> Said:
    return Said(
        person=invitation.person,
        place=place,
        id=f"upload:{arrival.id}",
        item=invitation.item,
        language=invitation.language,
        batch=invitation.batch,
        private=invitation.private,
    )


def _told(answer: Answer) -> str:
    return "\n".join(reply.text for reply in answer.replies if isinstance(reply, Say))
