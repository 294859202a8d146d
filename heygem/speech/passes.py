"""Whisper's passes over a voice: looked up between, and none made twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from heygem.base.errors import ErrorCode, HeygemError

if TYPE_CHECKING:
    from torch import Tensor, nn

_TOKENS_PER_S = 5.0  # of quick speech; slower ones end a window early
_WORDING = 0.95  # of a window while its words are written; the rest is for their times


class Watch:
    """Looks up before every pass of a model, and tells how far one voice of `seconds` is, which never goes back.

    Raises:
        HeygemError: CANCELLED, before a window or a word.
    """

    def __init__(self, seconds: float, report: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
        self._seconds, self._report, self._cancelled = seconds, report, cancelled
        self._begin_s = self._end_s = self._share = 0.0
        self._tokens = 0

    @contextmanager
    def over(self, model: "nn.Module") -> Iterator[None]:
        hooks = [
            model.get_submodule("encoder").register_forward_pre_hook(self._look),
            model.get_submodule("decoder").register_forward_pre_hook(self._token),
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def window(self, begin_s: float, end_s: float) -> None:
        """What is heard from now on, until the next one."""
        self._look()
        self._begin_s, self._end_s, self._tokens = begin_s, end_s, 0
        self._say(begin_s)

    def _look(self, *_: Any) -> None:
        if self._cancelled():
            raise HeygemError(ErrorCode.CANCELLED)

    def _token(self, _: Any, inputs: "tuple[Tensor, ...]") -> None:
        self._look()
        self._tokens += inputs[0].shape[-1] == 1  # more at once are no new ones: a prompt, or all to be timed
        worded = min(self._tokens / _TOKENS_PER_S, _WORDING * (self._end_s - self._begin_s))
        self._say(self._begin_s + worded)

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
