"""A limit on what runs at the same time in this process."""

from collections.abc import Callable

from heygem.errors import ErrorCode, HeygemError

RETRY_S = 30


class Slots:
    """At most `limit` at once; `busy` is what the next one is told."""

    def __init__(self, limit: int, busy: ErrorCode = ErrorCode.DOWNLOADS_BUSY, retry_s: int = RETRY_S) -> None:
        self._limit = limit
        self._busy = busy
        self._retry_s = retry_s
        self._taken = 0

    def take(self) -> Callable[[], None]:
        """Take a slot; the answer gives it back, and may be called more than once.

        Raises:
            HeygemError: DOWNLOADS_BUSY, or UPLOADS_BUSY.
        """
        if self._taken >= self._limit:
            raise HeygemError(self._busy, limit=self._limit, retry_s=self._retry_s)
        self._taken += 1
        held = True

        def release() -> None:
            nonlocal held
            if held:
                self._taken -= 1
                held = False

        return release
