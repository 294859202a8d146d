-- runs per owner at most, losses at most, engine … → number of items of these engines that could be claimed now
local quota, max_losses = unpack(ARGV)
reap(max_losses)
local claimable = 0
for _, engine in ipairs({unpack(ARGV, 3)}) do
  for _, owner in ipairs(redis.call('ZRANGE', K.ready .. engine, 0, -1)) do
    local free = tonumber(quota) - tonumber(redis.call('HGET', K.running, owner) or 0)
    claimable = claimable + math.max(0, math.min(free, redis.call('ZCARD', K.waiting .. owner .. ':' .. engine)))
  end
end
return claimable
