-- batch, Unix time before which a collecting batch counts as abandoned, the time now → 1 if it expired now
local batch, before, time = unpack(ARGV)
local changed = redis.call('ZSCORE', K.collecting, batch)
if not changed or tonumber(changed) >= tonumber(before) then return 0 end
local owner, place = unpack(redis.call('HMGET', K.batch .. batch, 'owner', 'place_id'))
end_batch(batch, owner, 'expire', K.expired, time)
leave_place(batch, place)
mark_dirty(batch)
return 1
