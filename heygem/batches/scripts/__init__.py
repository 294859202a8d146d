"""The queue's Lua scripts, which know the transitions (T) and how long a run may be silent (S)."""

from heygem.batches import states
from heygem.batches.times import LEASE_S, SILENCE_S
from heygem.redis.scripts import COMMON, Library, table, text

_SILENCE = table("S", {"lease_s": LEASE_S, "silence_s": SILENCE_S})

QUEUE = Library(__name__, "\n".join((COMMON.prelude, _SILENCE, table("T", states.LUA), text(__name__, "common"))))
