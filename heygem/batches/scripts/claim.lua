-- worker, lease seconds, runs per owner at most, losses at most → {batch hash, item hash}, or nothing
local worker, lease, quota, max_losses = unpack(ARGV)
reap(max_losses)
local first = redis.call('ZRANGE', K.ready, 0, 0)
local owner = first[1]
-- The first has fewest running: if it is at its limit, so is everybody.
if not owner or tonumber(redis.call('HGET', K.running, owner) or 0) >= tonumber(quota) then return false end

local member = redis.call('ZPOPMIN', K.waiting .. owner)[1]
local batch, item = member:match('^(.-):(.+)$')
local key = K.batch .. batch
local time = now()
count(K.item .. member, 'fence', 1)
redis.call('HSET', K.item .. member, 'state', 'running', 'worker', worker, 'started', time, 'stage', '', 'fraction', 0)
redis.call('ZADD', K.leases, time + tonumber(lease), member)
count(key, 'waiting', -1)
count(key, 'running', 1)
redis.call('HSET', key, 'state', 'running')
mark_dirty(batch)

count(K.running, owner, 1)
local work = tonumber(redis.call('ZSCORE', K.work, owner) or 0)
local level = tonumber(redis.call('GET', K.level) or 0)
redis.call('SET', K.level, math.max(work, level))
redis.call('ZINCRBY', K.work, 1, owner) -- so that even items that take no time take turns
rank(owner)
return {redis.call('HGETALL', key), redis.call('HGETALL', K.item .. member)}
