-- batch, item, fence, terminal state, field (output or failure), its JSON, its length in seconds, paces kept → 1 if this run ended the item
local batch, item, fence, state, field, value, length, kept = unpack(ARGV)
local member = batch .. ':' .. item
local was = redis.call('HMGET', K.item .. member, 'state', 'fence', 'started', field)
if was[2] ~= fence then return 0 end
-- The same call again, whose answer was lost on the way: the answer is the same.
if was[1] ~= 'running' then return was[1] == state and was[4] == value and 1 or 0 end
even_when_full()
local started = tonumber(was[3])
if state == 'done' then
  redis.call('LPUSH', K.paces, (now() - started) / math.max(1, tonumber(length)))
  redis.call('LTRIM', K.paces, 0, tonumber(kept) - 1)
  redis.call('HSET', K.item .. member, 'fraction', 1)
end
end_run(redis.call('HGET', K.batch .. batch, 'owner'), member, started)
settle(batch, item, 'running', state, field, value)
return 1
