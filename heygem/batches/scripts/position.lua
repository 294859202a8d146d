-- batch, engine of a batch that names "auto" → {how many items in the same line will be claimed before this batch's next
-- one, how many of those are its own owner's}
local batch, auto = unpack(ARGV)
local owner, state, engine = unpack(redis.call('HMGET', K.batch .. batch, 'owner', 'state', 'engine'))
if not owner then return {0, 0} end
if state == 'collecting' and engine == 'auto' then engine = auto end
local own = redis.call('ZRANGE', K.waiting .. owner .. ':' .. engine, 0, -1)
local ahead = nil
for index, member in ipairs(own) do
  if member:match('^(.-):') == batch then ahead = index - 1 break end
end
if state == 'collecting' then ahead = #own end -- where it would stand if it were generated now
if not ahead then return {0, 0} end

-- Owners take turns, so before our turn number `ahead` each other owner gets as many, one more if it comes before us,
-- and fewer by as many as it already has running above ours.
local function running(of) return tonumber(redis.call('HGET', K.running, of) or 0) end
local mine, total, before_us = running(owner), ahead, true
for _, other in ipairs(redis.call('ZRANGE', K.ready .. engine, 0, -1)) do
  if other == owner then
    before_us = false
  else
    local level = running(other) == mine
    local turns = ahead + mine - running(other) + ((level and before_us) and 1 or 0)
    total = total + math.max(0, math.min(turns, redis.call('ZCARD', K.waiting .. other .. ':' .. engine)))
  end
end
return {total, ahead}
