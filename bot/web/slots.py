"""A limit on what runs at the same time in this process."""

from collections.abc import Callable

from heygem.errors import ErrorCode, HeygemError

RETRY_S = 30


class Slots:
    """At most `limit` downloads at once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0

    def take(self) -> Callable[[], None]:
        """Take a slot; the answer gives it back, and may be called more than once.

        Raises:
            HeygemError: DOWNLOADS_BUSY.
        """
        if self._taken >= self._limit:
            raise HeygemError(ErrorCode.DOWNLOADS_BUSY, limit=self._limit, retry_s=RETRY_S)
        self._taken += 1
        held = True

        def release() -> None:
            nonlocal held
            if held:
                self._taken -= 1
                held = False

        return release
