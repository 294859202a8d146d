-- batch, losses at most → {ok} or {batch_unknown}. Waiting items end at once; running ones are told.
local batch, max_losses = unpack(ARGV)
reap(max_losses)
local key = K.batch .. batch
local state, owner, place, engine = unpack(redis.call('HMGET', key, 'state', 'owner', 'place_id', 'engine'))
if not state then return {'batch_unknown'} end
local items = redis.call('ZRANGE', K.items .. batch, 0, -1)
if state == 'collecting' then
  redis.call('HSET', key, 'state', 'queued', 'waiting', #items, 'cancelled', 0)
  if redis.call('GET', K.place .. place) == batch then redis.call('DEL', K.place .. place) end
  redis.call('ZREM', K.collecting, batch)
elseif state ~= 'queued' and state ~= 'running' then
  return {'ok'}
end
redis.call('HSET', key, 'cancelling', 1)
for _, item in ipairs(items) do
  local member = batch .. ':' .. item
  if redis.call('HGET', K.item .. member, 'state') == 'waiting' then
    dequeue(owner, engine, member)
    settle(batch, item, 'waiting', 'cancelled')
  end
end
if #items == 0 then
  count(key, 'cancelled', 1)
  conclude(batch)
  count(key, 'cancelled', -1)
end
forget_work_when_idle()
mark_dirty(batch)
return {'ok'}
