"""The `heygem` command."""

import signal


def main() -> None:
    """`heygem.cli.app.main`. Ctrl-C ends it at once while that is loaded, without a traceback from the middle of it."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # not ignored, as in a shell's background
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from heygem.cli import app

    signal.signal(signal.SIGINT, before)
    app.main()
