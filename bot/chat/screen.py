"""What a front end does on its platform, so that the notifier can work for every one of them."""

from typing import Protocol

from bot.dialogue.message import Say
from bot.dialogue.status import StatusView
from bot.dialogue.text import CommandStyle
from heygem.batches.model import Batch, Place


class Screen(Protocol):
    """Each method raises TryLaterError when told to wait."""

    @property
    def platform(self) -> str: ...

    def style(self, place: Place) -> CommandStyle:
        """How commands are typed in this place."""
        ...

    def pace(self, place: Place) -> float:
        """Seconds between two edits of a status message in this place."""
        ...

    async def post(self, batch: Batch, view: StatusView) -> str:
        """Post the status message anew; returns its id. The one before, `batch.status_message`, goes."""
        ...

    async def edit(self, batch: Batch, view: StatusView) -> None:
        """Edit `batch.status_message` in place. Raises GoneError; "not modified" is no error."""
        ...

    async def remove(self, batch: Batch, message: str) -> None:
        """Take a status message of this batch away. One that can't be removed stays."""
        ...

    async def say(self, place: Place, say: Say) -> None:
        """Send a new message. Raises UncertainError too; where nobody can be told any more it does nothing."""
        ...
