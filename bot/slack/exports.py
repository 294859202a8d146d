"""/export: what can be exported here, each with a fresh link."""

import time

from bot.announcement import link_button
from bot.replies import catalogue
from bot.slack.blocks import Block, element, section
from bot.slack.mrkdwn import escape
from bot.units import ago, size
from heygem.archive.links import Links
from heygem.batches.model import Batch
from heygem.sentences import Language

_SHOWN = 10


async def exports(links: Links, batches: list[Batch], language: Language) -> tuple[str, list[Block]]:
    """Text and blocks; the newest batches first."""
    words = catalogue(language)
    rows = [section(escape(words.slack.exports))]
    for number, batch in enumerate(batches[:_SHOWN], start=1):
        link = await links.create(batch)
        row = words.history.row.format(
            number=number,
            when=ago(max(0.0, time.time() - batch.created), language),
            videos=words.units.videos.of(len(batch.items)),
            state=words.history.states[batch.state].format(done=len(batch.finished)),
        )
        line = words.units.separator.join((row, size(link.size)))
        rows.append(section(escape(line), element(link_button(link, language), number)))
    return words.slack.exports, rows
