"""What may become of something that we want shown or said on a platform, as one family of errors.

A platform's own errors end where it is called; whoever waits, tries again or gives up knows these alone.
"""


class DeliveryError(Exception):
    """It was not delivered, or nobody knows."""


class TryLaterError(DeliveryError):
    """The platform refused for now; nothing happened. To be tried again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class TroubleError(TryLaterError):
    """The platform could not do it, for a reason of its own, or can't be reached; nothing happened."""


class UncertainError(DeliveryError):
    """The platform's answer was lost: what was asked for may have happened."""


class ClosedError(DeliveryError):
    """Nobody can be told anything there any more: the bot was blocked or thrown out, the place is closed."""


class GoneError(DeliveryError):
    """The message can't be edited any more: deleted, too old, of another bot."""


class RefusedError(DeliveryError):
    """The platform said no; `word` is its own for why."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word
