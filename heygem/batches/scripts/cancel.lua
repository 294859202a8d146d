-- batch, losses at most → {ok} or {batch_unknown}. Waiting items end at once; running ones are told.
local batch, max_losses = unpack(ARGV)
reap(max_losses)
local key = K.batch .. batch
local state, owner, place, engine = unpack(redis.call('HMGET', key, 'state', 'owner', 'place_id', 'engine'))
if not state then return {'batch_unknown'} end
if not way('batch', state, 'cancel') then return {'ok'} end
local items = redis.call('ZRANGE', K.items .. batch, 0, -1)
redis.call('HSET', key, 'cancelling', 1)
if state == 'collecting' then
  redis.call('HSET', key, 'waiting', #items)
  leave_place(batch, place)
end
for _, item in ipairs(items) do
  if settle(batch, item, 'cancel') then dequeue(owner, engine, batch .. ':' .. item) end
end
if #items == 0 then end_batch(batch, owner, 'cancel', K.ended, now()) end
forget_work_when_idle()
mark_dirty(batch)
return {'ok'}
