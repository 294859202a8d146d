-- batch, field, how it went (JSON). A batch that was deleted meanwhile leaves no record behind.
local batch, field, tried = unpack(ARGV)
local key = K.webhook .. batch
if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, field, tried) end
