"""`comfy_api.latest`: what a node pack imports. Only what is named here exists."""

from abc import ABC, abstractmethod
from io import BytesIO
from typing import ClassVar

from . import io

__all__ = ["ComfyAPI", "ComfyExtension", "InputImpl", "io"]


class ComfyExtension(ABC):
    @abstractmethod
    async def get_node_list(self) -> list[type[io.ComfyNode]]: ...


class VideoFromFile:
    """A VIDEO: `save_to` writes it, `get_stream_source` gives what av can open."""

    def __init__(self, file: str | BytesIO) -> None:
        assert isinstance(file, str | BytesIO), f"VideoFromFile takes a str or BytesIO, not {type(file)}"
        self._file = file

    def get_stream_source(self) -> str | BytesIO:
        if isinstance(self._file, BytesIO):
            self._file.seek(0)
        return self._file

    def save_to(self, path: str) -> None:
        assert isinstance(path, str)
        from pathlib import Path

        source = self.get_stream_source()
        Path(path).write_bytes(source.read() if isinstance(source, BytesIO) else Path(source).read_bytes())


class InputImpl:
    VideoFromFile = VideoFromFile


class ComfyAPI:
    shown: ClassVar[list[tuple[float, float]]] = []

    class Execution:
        async def set_progress(self, value: float, max_value: float) -> None:
            assert 0 <= value <= max_value
            ComfyAPI.shown.append((value, max_value))

    def __init__(self) -> None:
        self.execution = ComfyAPI.Execution()
