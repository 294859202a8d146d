"""`comfy_api.latest.io`: schemas. Every argument is named and typed as in ComfyUI's; anything else is a TypeError."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any


class Input:
    io_type = ""

    def __init__(self, id: str, display_name: str | None = None, optional: bool = False, tooltip: str | None = None):  # noqa: A002
        self.id, self.optional, self.tooltip = id, optional, tooltip
        self.default: Any = None

    def check(self, value: Any) -> None:
        """What ComfyUI refuses before a node runs."""


class Output:
    io_type = ""

    def __init__(
        self,
        id: str | None = None,  # noqa: A002
        display_name: str | None = None,
        tooltip: str | None = None,
        is_output_list: bool = False,
    ):
        self.is_output_list = is_output_list

    def check(self, value: Any) -> None:
        """What the next node could not take."""


class Audio:
    class Input(Input):
        io_type = "AUDIO"

        def check(self, value: Any) -> None:
            assert set(value) == {"waveform", "sample_rate"}
            assert value["waveform"].dim() == 3


class Video:
    class Input(Input):
        io_type = "VIDEO"

        def check(self, value: Any) -> None:
            assert hasattr(value, "save_to")

    class Output(Output):
        io_type = "VIDEO"

        def check(self, value: Any) -> None:
            assert hasattr(value, "save_to"), f"{value} is no VIDEO"


class _Widget(Input):
    def __init__(self, id: str, default: Any = None, tooltip: str | None = None, optional: bool = False):  # noqa: A002
        super().__init__(id, optional=optional, tooltip=tooltip)
        self.default = default


class Combo:
    class Input(_Widget):
        io_type = "COMBO"

        def __init__(
            self,
            id: str,  # noqa: A002
            options: list[str],
            default: str | None = None,
            tooltip: str | None = None,
            optional: bool = False,
        ):
            assert all(isinstance(option, str) for option in options)
            assert default in options
            super().__init__(id, default, tooltip, optional)
            self.options = options

        def check(self, value: Any) -> None:
            assert value in self.options


class Float:
    class Input(_Widget):
        io_type = "FLOAT"

        def __init__(
            self,
            id: str,  # noqa: A002
            default: float | None = None,
            min: float | None = None,  # noqa: A002
            max: float | None = None,  # noqa: A002
            step: float | None = None,
            tooltip: str | None = None,
        ):
            super().__init__(id, default, tooltip)
            self.range = (min, max)

        def check(self, value: Any) -> None:
            assert self.range[0] is None or value >= self.range[0]
            assert self.range[1] is None or value <= self.range[1]


class String:
    class Input(_Widget):
        io_type = "STRING"

        def __init__(
            self,
            id: str,  # noqa: A002
            default: str | None = None,
            multiline: bool = False,
            optional: bool = False,
            tooltip: str | None = None,
        ):
            super().__init__(id, default, tooltip, optional)

    class Output(Output):
        io_type = "STRING"

        def check(self, value: Any) -> None:
            assert isinstance(value, str)


@dataclass
class Schema:
    node_id: str
    display_name: str | None = None
    category: str = "sd"
    inputs: list[Input] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    hidden: list[Any] | None = None
    description: str = ""
    is_input_list: bool = False
    is_output_node: bool = False

    def validate(self) -> None:
        ids = [given.id for given in self.inputs]
        assert len(set(ids)) == len(ids)


class ComfyNode(ABC):
    @classmethod
    @abstractmethod
    def define_schema(cls) -> Schema: ...

    @classmethod
    @abstractmethod
    def execute(cls, **inputs: Any) -> "NodeOutput": ...


class NodeOutput:
    def __init__(self, *args: Any) -> None:
        self.args = args
