-- workers or bots, who, seconds for which it counts as alive, what it serves (JSON) or ''. Said on a full Redis too: who
-- is taken for dead is started again.
local kind, who, alive, offer = unpack(ARGV)
even_when_full()
local time = now()
redis.call('ZADD', K[kind], time + tonumber(alive), who)
if offer ~= '' then redis.call('HSET', K.offers, who, offer) end
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', K[kind], '-inf', time - 3600)) do
  redis.call('ZREM', K[kind], gone)
  redis.call('HDEL', K.offers, gone)
end
