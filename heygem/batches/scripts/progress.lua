-- batch, item, fence, stage, fraction → 1 if this run still holds the item
local batch, item, fence, stage, fraction = unpack(ARGV)
if not holds(batch, item, fence) then return 0 end
even_when_full()
redis.call('HSET', K.item .. batch .. ':' .. item, 'stage', stage, 'fraction', fraction)
mark_dirty(batch)
return 1
