-- batch → {ok} or {batch_unknown}. What waits is not claimed until it is resumed; what runs goes on to its end.
local batch = unpack(ARGV)
local key = K.batch .. batch
local state, owner, engine = unpack(redis.call('HMGET', key, 'state', 'owner', 'engine'))
if not state then return {'batch_unknown'} end
if state ~= 'queued' and state ~= 'running' then return {'ok'} end
redis.call('HSET', key, 'paused', 1)
redis.call('ZADD', K.paused, 'NX', now(), batch)
for _, item in ipairs(redis.call('ZRANGE', K.items .. batch, 0, -1)) do
  dequeue(owner, engine, batch .. ':' .. item)
end
forget_work_when_idle()
mark_dirty(batch)
return {'ok'}
