"""What `heygem batch` says while it works: lines for a person on stderr, JSON lines for a program on stdout.

Every JSON line has `event`:

start    `total`, `finished` (already, by an earlier run), `engine`
item     `number`, `template`, `voice`, `state` ("done" or "failed"); done: `kept` (true: an earlier run made it) and
         `result` as `heygem render --json` prints it; failed: `error` with `code`, `message`, `params`
stopped  `finished`, `total`: a signal ended it; what is finished is kept
end      `finished`, `failed`, `total`, `zip` (its path, or null where nothing was made)
"""

import shlex
from pathlib import Path

from heygem.archive.manifest import explain_failure
from heygem.base.sentences import Language
from heygem.batches.model import Batch, Item, ItemState
from heygem.cli.kept import folder_beside
from heygem.cli.pairs import TEMPLATE, VOICE, Pair
from heygem.cli.progress import facts, notes, print_json, say


class Telling:
    def __init__(self, out: Path, total: int, language: Language, *, json: bool) -> None:
        self._out = out
        self._kept_in = folder_beside(out.resolve() if out.is_symlink() else out)
        self._total = total
        self._language = language
        self._json = json
        self._kept: set[int] = set()

    def start(self, batch: Batch) -> None:
        self._kept = {item.number for item in batch.finished}
        self._event("start", total=self._total, finished=len(self._kept), engine=batch.engine)
        if self._kept:
            say(f"{len(self._kept)} of {self._total} already finished")

    def item(self, item: Item, pair: Pair) -> None:
        """One that has come to its end."""
        title = f"{item.number}/{self._total} {pair.title}"
        facts_of_it = {"number": item.number, "template": str(pair.template), "voice": str(pair.voice)}
        if item.failure is not None:
            message = explain_failure(item.failure, self._language, "local")
            say(f"{title}{_place(item, pair)}: {message} [{item.failure.code}]", "failed")
            error = {"code": item.failure.code, "message": message, "params": item.failure.params}
            self._event("item", **facts_of_it, state="failed", error=error)
        elif item.output is not None:
            kept, result = item.number in self._kept, item.output.result
            say(f"{title} · {'already finished' if kept else facts(result)}", "done")
            for note in notes(result):
                say(f"  {note}")
            self._event("item", **facts_of_it, state="done", kept=kept, result=result.model_dump(mode="json"))

    def stopped(self, batch: Batch) -> None:
        done = len(batch.finished)
        self._event("stopped", finished=done, total=self._total)
        if done:
            say(
                f"Stopped. {done} of {self._total} are finished and kept in {shlex.quote(str(self._kept_in))}: "
                "the same command goes on from there, and with --partial it packs them."
            )

    def end(self, batch: Batch) -> None:
        done = len(batch.finished)
        failed = sum(item.state is ItemState.FAILED for item in batch.items)
        self._event("end", finished=done, failed=failed, total=self._total, zip=str(self._out) if done else None)
        if not done:
            say(f"none of {self._total} videos could be made" if failed else "no video is finished", "failed")
            return
        say(f"{self._out} · {done} of {self._total} videos", "done")
        if failed:
            say(f"  What is finished is kept in {self._kept_in}: the same command tries the others again.")

    def _event(self, event: str, **values: object) -> None:
        if self._json:
            print_json({"event": event, **values})


def _place(item: Item, pair: Pair) -> str:
    """Where the file that did not do is written down, for a list of pairs."""
    if not pair.told or item.voice is None:
        return ""
    if not item.voice.sha256:
        return f" ({pair.told}, column {VOICE})"
    return f" ({pair.told}, column {TEMPLATE})" if not item.template.sha256 else f" ({pair.told})"
