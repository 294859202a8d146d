-- batch → {ok} or {batch_unknown}. What waits of a paused batch stands in line again, where it stood.
local batch = unpack(ARGV)
local key = K.batch .. batch
local state, owner, engine = unpack(redis.call('HMGET', key, 'state', 'owner', 'engine'))
if not state then return {'batch_unknown'} end
if redis.call('HDEL', key, 'paused') == 0 then return {'ok'} end
redis.call('ZREM', K.paused, batch)
for _, item in ipairs(redis.call('ZRANGE', K.items .. batch, 0, -1)) do
  local member = batch .. ':' .. item
  local waits, sequence = unpack(redis.call('HMGET', K.item .. member, 'state', 'sequence'))
  if waits == 'waiting' then enqueue(owner, engine, member, sequence) end
end
rank(owner)
mark_dirty(batch)
return {'ok'}
