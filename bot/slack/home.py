"""The Home tab: a person's batches, saved templates and settings. It is what the dialogue says about them."""

from bot.chat.delivery import DeliveryError
from bot.dialogue.dialogue import Dialogue
from bot.dialogue.intents import ListTemplates, ShowHistory, ShowOptions
from bot.dialogue.message import Said, Say
from bot.slack import PLATFORM
from bot.slack.arrival import Arrival
from bot.slack.blocks import HOME_BLOCKS, Block, say_blocks
from bot.slack.web import Web
from heygem.batches.model import Person, Place

_CHAPTERS = (ShowHistory(), ListTemplates(), ShowOptions())


async def show_home(web: Web, dialogue: Dialogue, arrival: Arrival, language: str | None, me: str) -> None:
    """Publish the tab anew. Its hidden note says where the person's own conversation with us is."""
    says: list[Say] = []
    person, place = Person(platform=PLATFORM, id=arrival.user), Place(platform=PLATFORM, chat=arrival.channel)
    said = Said(person, place, arrival.id, language=language, fleeting=True)
    for chapter in _CHAPTERS:
        told = [reply for reply in (await dialogue.do(said, chapter)).replies if isinstance(reply, Say)]
        says += [say for say in told if say not in says]  # a stranger is told the same about each
    blocks: list[Block] = []
    for say in says:
        blocks += [{"type": "divider"}] if blocks else []
        blocks += [_numbered(block, len(blocks) + at) for at, block in enumerate(say_blocks(say, me))]
    view = {"type": "home", "private_metadata": arrival.channel, "blocks": blocks[:HOME_BLOCKS]}
    try:
        await web.publish(arrival.user, view)
    except DeliveryError:
        return


def _numbered(block: Block, number: int) -> Block:
    """Two chapters of one view: their buttons must not look alike."""
    return {**block, "block_id": f"part:{number}"}
