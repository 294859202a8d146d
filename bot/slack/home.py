"""The Home tab: a person's batches, saved templates and settings. It is what the dialogue says about them."""

import contextlib

from bot.chat.delivery import DeliveryError
from bot.dialogue.dialogue import Dialogue
from bot.dialogue.intents import ListTemplates, ShowHistory, ShowOptions
from bot.dialogue.message import Said, Say
from bot.slack.arrival import Arrival
from bot.slack.blocks import HOME_BLOCKS, Block, say_blocks
from bot.slack.locales import Locales
from bot.slack.style import SlackStyle
from bot.slack.web import Web

_CHAPTERS = (ShowHistory(), ListTemplates(), ShowOptions())


class Home:
    def __init__(self, web: Web, dialogue: Dialogue, locales: Locales, bot_user: str) -> None:
        self._web = web
        self._dialogue = dialogue
        self._locales = locales
        self._bot_user = bot_user

    async def show(self, arrival: Arrival) -> None:
        """Publish the tab anew. Its hidden note says where the person's own conversation with us is."""
        blocks: list[Block] = []
        for say in await self._chapters(arrival):
            blocks += [{"type": "divider"}] if blocks else []
            blocks += [_numbered(block, len(blocks) + at) for at, block in enumerate(say_blocks(say, self._bot_user))]
        view = {"type": "home", "private_metadata": arrival.channel, "blocks": blocks[:HOME_BLOCKS]}
        with contextlib.suppress(DeliveryError):
            await self._web.publish(arrival.user, view)

    async def _chapters(self, arrival: Arrival) -> list[Say]:
        language = await self._locales.of(arrival.user)
        said = Said(arrival.person, arrival.place, arrival.id, language=language, style=SlackStyle(), fleeting=True)
        says: list[Say] = []
        for chapter in _CHAPTERS:
            told = [reply for reply in (await self._dialogue.do(said, chapter)).replies if isinstance(reply, Say)]
            says += [say for say in told if say not in says]  # a stranger is told the same about each
        return says


def _numbered(block: Block, number: int) -> Block:
    """Two chapters of one view: their buttons must not look alike."""
    return {**block, "block_id": f"part:{number}"}
