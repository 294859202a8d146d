"""The README's pictures of a chat, from the transcript of a demo:

heygem demo && python docs/make_pictures.py demo-output/transcript.txt docs/images/chat.svg
"""

import re
import sys
from html import escape
from pathlib import Path

_WIDTH, _MARGIN, _LINE = 760, 24, 19  # pixels
_STYLE = """
  rect { fill: #1e2127 }
  text { font: 14px ui-monospace, Menlo, Consolas, "Noto Sans Mono CJK SC", monospace; fill: #d7dae0; white-space: pre }
  .you { fill: #98c379; font-weight: bold }
  .bot { fill: #61afef; font-weight: bold }
"""


def main(transcript: Path, picture: Path) -> None:
    lines = transcript.read_text(encoding="utf-8").splitlines()
    height = 2 * _MARGIN + _LINE * len(lines)
    rows = "\n".join(_row(line.rstrip(), _MARGIN + _LINE * number) for number, line in enumerate(lines, start=1))
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}">\n'
        f'<style>{_STYLE}</style>\n<rect width="{_WIDTH}" height="{height}" rx="10"/>\n{rows}\n</svg>\n',
        encoding="utf-8",
    )


def _row(line: str, y: int) -> str:
    """Who speaks in colour; the token of a link, which is dead by now, shortened."""
    line = re.sub(r"(/b/\w{6})[\w-]+", r"\1…", line)
    name, mark, said = line.partition(" ▸")
    if not mark:
        return f'<text x="{_MARGIN}" y="{y}">{escape(line)}</text>'
    who = "you" if said else "bot"
    return f'<text x="{_MARGIN}" y="{y}"><tspan class="{who}">{escape(name)}{mark}</tspan>{escape(said)}</text>'


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
