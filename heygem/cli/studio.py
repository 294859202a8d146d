"""`heygem studio`: people who have no chat, let into the studio from this machine."""

import subprocess
from typing import Annotated

import typer

from heygem.base.process import environment
from heygem.base.settings import load_settings
from heygem.cli.processes import redis_at_hand
from heygem.cli.supervisor import module

app = typer.Typer(help="Let people into the studio who have no chat.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="What they are called here, such as anna or anna@example.org.")]


@app.command("invite")
def invite(name: Name) -> None:
    """Let somebody use the studio, and print a link that signs one browser of theirs in, once."""
    _do("invite", name)


@app.command("revoke")
def revoke(name: Name) -> None:
    """Take that back and sign all browsers of theirs out. Their batches stay until their time is over."""
    _do("revoke", name)


@app.command("list")
def names() -> None:
    """Who is let in."""
    _do("list")


def _do(*words: str) -> None:
    with redis_at_hand(load_settings()):
        done = subprocess.run(module("bot", "studio", *words), env=environment(), check=False)  # noqa: S603
    raise typer.Exit(done.returncode)
