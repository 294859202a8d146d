"""axe-core in a page that the real browser shows. It comes in through DevTools, past the page's own policy."""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tests.chromium import Tab

TAGS = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice")

_RUN = """axe.run(document, {runOnly: {type: "tag", values: %s}}).then((found) => ({
  passed: found.passes.map((rule) => rule.id),
  violated: found.violations.map((rule) => `${rule.id}: ${rule.help}\\n` + rule.nodes.map((node) => `  ${node.html}\\n`
    + `  ${node.failureSummary}`).join("\\n")),
}))"""


async def violations(tab: Tab) -> list[str]:
    """Each with what breaks the rule, and how."""
    found = await _run(tab)
    violated: list[str] = found["violated"]
    return violated


async def passed(tab: Tab) -> set[str]:
    """The rules that something on the page keeps."""
    return set((await _run(tab))["passed"])


async def _run(tab: Tab) -> dict[str, list[str]]:
    if await tab.value("typeof axe") == "undefined":
        await tab.value(_source())
    found: dict[str, list[str]] = await tab.value(_RUN % json.dumps(TAGS))
    return found


@cache
def _source() -> str:
    """The package is only the carrier: its own code would want Playwright's browsers."""
    package = find_spec("axe_playwright_python")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).with_name("axe.min.js").read_text(encoding="utf-8") + "\n;0"
