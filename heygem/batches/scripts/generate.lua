-- batch, engine of a batch that names "auto" → {ok} or {error code}. Freezes the batch and makes its items claimable.
local batch, auto = unpack(ARGV)
local error = closed(batch)
if error then return {error} end
local key = K.batch .. batch
local items = redis.call('ZRANGE', K.items .. batch, 0, -1)
if #items == 0 then return {'templates_missing'} end
if redis.call('HEXISTS', key, 'voice') == 0 then
  for _, item in ipairs(items) do
    if redis.call('HGET', K.item .. batch .. ':' .. item, 'voice') == '' then return {'voice_missing'} end
  end
end
local owner, place, engine = unpack(redis.call('HMGET', key, 'owner', 'place_id', 'engine'))
if engine == 'auto' then engine = auto end
go('batch', batch, 'generate', 'queued', now(), 'waiting', #items, 'engine', engine)
leave_place(batch, place)
local last = redis.call('INCRBY', K.sequence, #items)
for number, item in ipairs(items) do
  local sequence = last - #items + number
  local member = batch .. ':' .. item
  redis.call('HSET', K.item .. member, 'sequence', sequence, 'number', number)
  enqueue(owner, engine, member, sequence)
end
rank(owner)
mark_dirty(batch)
return {'ok'}
