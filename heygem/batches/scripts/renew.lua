-- batch, item, fence, lease seconds → held, cancelled or lost
local batch, item, fence, lease = unpack(ARGV)
if not holds(batch, item, fence) then return 'lost' end
redis.call('ZADD', K.leases, now() + tonumber(lease), batch .. ':' .. item)
return redis.call('HGET', K.batch .. batch, 'cancelling') == '1' and 'cancelled' or 'held'
