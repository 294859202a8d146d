"""What the templates of a batch look like, by the numbers that they have everywhere else."""

from bot.dialogue.message import Picture
from heygem.batches.model import Batch


def pictures(batch: Batch) -> tuple[Picture, ...]:
    """One for each template, in the order of their numbers, with the line that names it."""
    return tuple(Picture(f"{item.number}. {item.template.name}", item.template) for item in batch.items)
