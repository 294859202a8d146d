"""arq rings the bell: a job without arguments that makes a worker claim until nothing is left.

Redis records are the truth, so a lost bell costs nothing but the two seconds until the next sweep rings again.
Ids are fixed: ringing a bell that already rings changes nothing.
"""

import json
from typing import Any

from arq.connections import ArqRedis
from redis.asyncio import Redis

from heygem.redis import keys


def serialize(job: dict[str, Any]) -> bytes:
    """For arq on both sides: JSON, since a pickle in Redis would be code."""
    return json.dumps(job).encode()


def deserialize(job: bytes) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(job)
    return read


async def ring(redis: Redis, bells: int) -> None:
    """Put `bell:0` … `bell:<bells - 1>` into the queue, as far as they are not there."""
    arq = ArqRedis(redis.connection_pool, job_serializer=serialize, default_queue_name=keys.QUEUE)
    for number in range(bells):
        await arq.enqueue_job(keys.BELL, _job_id=f"{keys.BELL}:{number}")
