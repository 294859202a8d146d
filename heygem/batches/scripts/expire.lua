-- batch, Unix time before which a collecting batch counts as abandoned, the time now → 1 if it expired now
local batch, before, time = unpack(ARGV)
local changed = redis.call('ZSCORE', K.collecting, batch)
if not changed or tonumber(changed) >= tonumber(before) then return 0 end
local key = K.batch .. batch
local owner, place = unpack(redis.call('HMGET', key, 'owner', 'place_id'))
redis.call('HSET', key, 'state', 'expired', 'ended', time)
redis.call('ZREM', K.collecting, batch)
redis.call('ZADD', K.expired, time, batch)
redis.call('SREM', K.open .. owner, batch)
if redis.call('GET', K.place .. place) == batch then redis.call('DEL', K.place .. place) end
mark_dirty(batch)
return 1
