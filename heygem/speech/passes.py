"""Whisper's passes over a voice: looked up between, and none made twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from heygem.base.errors import ErrorCode, HeygemError

if TYPE_CHECKING:
    from torch import Tensor, nn

WINDOW_S = 30.0  # what Whisper hears at once

_TOKENS_PER_S = 5.0  # of quick speech; slower ones end a window early
_WORDING = 0.95  # of a window while its words are written; the rest is for their times


@contextmanager
def watched(
    model: "nn.Module", seconds: float, report: Callable[[float], None], cancelled: Callable[[], bool]
) -> Iterator[None]:
    """Inside, every pass of `model` looks up: `report` takes the share done of `seconds` of voice, and `cancelled`
    is asked before each window of 30 s and before each word.

    Raises:
        HeygemError: CANCELLED.
    """
    parts: Any = model
    told = _Told(seconds, report, cancelled)
    hooks = [
        parts.encoder.conv1.register_forward_pre_hook(told.window),  # the encoder itself may answer from memory
        parts.decoder.register_forward_pre_hook(told.token),
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


class _Told:
    """How far one voice is, which never goes back."""

    def __init__(self, seconds: float, report: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
        self._seconds, self._report, self._cancelled = seconds, report, cancelled
        self._windows = self._tokens = 0
        self._share = 0.0

    def window(self, *_: Any) -> None:
        self._check()
        self._tokens = 0
        self._say(self._windows * WINDOW_S)
        self._windows += 1

    def token(self, _: Any, inputs: "tuple[Tensor, ...]") -> None:
        self._check()
        self._tokens += inputs[0].shape[-1] == 1  # more at once are no new ones: a prompt, or all to be timed
        begun = max(0, self._windows - 1) * WINDOW_S
        length = min(WINDOW_S, max(0.0, self._seconds - begun))
        self._say(begun + min(self._tokens / _TOKENS_PER_S, _WORDING * length))

    def _check(self) -> None:
        if self._cancelled():
            raise HeygemError(ErrorCode.CANCELLED)

    def _say(self, done_s: float) -> None:
        self._share = max(self._share, min(1.0, done_s / self._seconds))
        self._report(self._share)


class EncodesOnce:
    """Stands for the encoder's `forward`. Whisper asks for the same window up to three times: which language it is,
    what is said, and when."""

    def __init__(self, encode: "Callable[[Tensor], Tensor]") -> None:
        self._encode = encode
        self._latest: tuple[Tensor, Tensor] | None = None

    def __call__(self, mel: "Tensor") -> "Tensor":
        if self._latest is None or not _same(mel, self._latest[0]):
            self._latest = (mel, self._encode(mel))
        return self._latest[1]


def _same(one: "Tensor", two: "Tensor") -> bool:
    return one.dtype == two.dtype and one.shape == two.shape and bool((one == two).all())
