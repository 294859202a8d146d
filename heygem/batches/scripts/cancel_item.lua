-- batch, item, losses at most → {ok} or {error code}. A waiting item ends at once, a running one is told.
local batch, item, max_losses = unpack(ARGV)
reap(max_losses)
local state, owner, engine = unpack(redis.call('HMGET', K.batch .. batch, 'state', 'owner', 'engine'))
if not state then return {'batch_unknown'} end
local member = batch .. ':' .. item
local was = redis.call('HGET', K.item .. member, 'state')
if not was then return {'item_unknown'} end
if was == 'running' then
  redis.call('HSET', K.item .. member, 'cancelling', 1)
  mark_dirty(batch)
elseif (state == 'queued' or state == 'running') and settle(batch, item, 'cancel') then
  dequeue(owner, engine, member)
  forget_work_when_idle()
end
return {'ok'}
