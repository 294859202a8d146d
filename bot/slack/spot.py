"""Where an answer goes: below what was said, or to the one person who pressed or typed a command."""

from dataclasses import dataclass

from bot.slack.arrival import Arrival


@dataclass(frozen=True)
class Spot:
    """`user`: the only one to see it, "" for everybody there. `respond`: the address for a command's answer.

    `below`: the thread of the message whose button was pressed, for what everybody may see.
    """

    channel: str
    thread: str = ""
    user: str = ""
    respond: str = ""
    below: str = ""


def spot_of(arrival: Arrival) -> Spot:
    alone = arrival.kind == "command" or (arrival.im and arrival.whispered)  # we may have no part in that place
    if alone and arrival.respond:
        return Spot(arrival.channel, user=arrival.user, respond=arrival.respond)
    if arrival.im:
        return Spot(arrival.channel, arrival.thread)
    if arrival.kind == "message":
        return Spot(arrival.channel, arrival.thread or arrival.ts)
    # The first message of a thread is seen in the channel, so that is where its buttons answer.
    within = arrival.thread if arrival.thread != arrival.ts else ""
    return Spot(arrival.channel, within, user=arrival.user, below=arrival.thread)
