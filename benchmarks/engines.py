"""The engines that need a GPU, stage by stage: `python -m benchmarks.engines [--device cuda] [--engine musetalk ...]`.

Weights are random. On a GPU the networks have their real sizes; without one, whole renders run with tiny networks and
only a single step is taken with the real ones. "all but the network" renders with a network that answers at once: what
it reaches is how fast a GPU the rest of the house can keep busy.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from benchmarks import engines_latentsync, engines_musetalk
from benchmarks.engine_setup import Row, Setup, Size
from heygem.base.settings import Gpu
from heygem.weights.device import Compute, choose

ENGINES: Mapping[str, Callable[[Setup], Iterator[Row]]] = {
    "musetalk": engines_musetalk.rows,
    "latentsync": engines_latentsync.rows,
}


def main() -> None:
    arguments = _arguments()
    torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))  # decoding, encoding and pasting want cores too
    compute = choose(Gpu(device=arguments.device))
    console = Console()
    on_gpu = compute.device.type == "cuda"
    console.print(_machine(compute))
    size: Size = arguments.size or ("real" if on_gpu else "tiny")
    seconds = arguments.seconds or (8.0 if on_gpu else 2.0)
    for engine in arguments.engine:
        table = Table(title=f"{engine}, {size} networks, random weights")
        table.add_column("what")
        table.add_column("measured", justify="right")
        with tempfile.TemporaryDirectory() as name, console.status("") as status:
            for what, measured in ENGINES[engine](Setup(Path(name), compute, size, seconds)):
                table.add_row(what, measured)
                status.update(f"{what}: {measured}")
        console.print(table)


def _machine(compute: Compute) -> str:
    precision = str(compute.dtype).removeprefix("torch.")
    if compute.device.type == "cuda":
        return f"{torch.cuda.get_device_name()}, {precision}"
    without = "" if torch.cuda.is_available() else "No GPU could be had here: "
    return f"{without}CPU threads: {torch.get_num_threads()}, {precision}."


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", nargs="*", choices=tuple(ENGINES), default=tuple(ENGINES))
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--size", choices=("tiny", "real"))
    parser.add_argument("--seconds", type=float, help="of voice; 8 on a GPU, else 2")
    return parser.parse_args()


if __name__ == "__main__":
    main()
