-- batch, item, fence → 1 if this run held the item, which now waits again without a loss
local batch, item, fence = unpack(ARGV)
if not holds(batch, item, fence) then return 0 end
even_when_full()
local member = batch .. ':' .. item
local owner = redis.call('HGET', K.batch .. batch, 'owner')
end_run(owner, member, tonumber(redis.call('HGET', K.item .. member, 'started')))
put_back(batch, item, owner, 'release')
return 1
