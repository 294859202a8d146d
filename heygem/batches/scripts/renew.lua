-- batch, item, fence → held, cancelled or lost
local batch, item, fence = unpack(ARGV)
if not holds(batch, item, fence) then return 'lost' end
even_when_full()
redis.call('ZADD', K.leases, now() + S.lease_s, batch .. ':' .. item)
return stopping(batch, item) and 'cancelled' or 'held'
