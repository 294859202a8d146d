"""The `heygem` command."""

from heygem.cli.app import main

__all__ = ["main"]
