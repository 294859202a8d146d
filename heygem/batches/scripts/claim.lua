-- worker, lease seconds, runs per owner at most, losses at most, engines as {name: 1}, 1 for those or 0 for all others
-- → {batch hash, item hash}, or nothing
local worker, lease, quota, max_losses = unpack(ARGV)
local engines, these = cjson.decode(ARGV[5]), ARGV[6] == '1'
local known = {} -- batch → whether its engine fits
reap(max_losses)

local function fits(batch)
  if known[batch] == nil then
    known[batch] = (engines[redis.call('HGET', K.batch .. batch, 'engine')] ~= nil) == these
  end
  return known[batch]
end

-- The owner's oldest item that fits. Without engines to tell apart that is the first one.
local function oldest(owner)
  local first = 0
  while true do
    local members = redis.call('ZRANGE', K.waiting .. owner, first, first + 99)
    for _, member in ipairs(members) do
      if fits(member:match('^(.-):')) then return member end
    end
    if #members < 100 then return nil end
    first = first + 100
  end
end

-- Owners stand in the order of their turns. Who has fewest running comes first: if one is at its limit, so is the rest.
local function fairest()
  local turn = 0
  while true do
    local owner = redis.call('ZRANGE', K.ready, turn, turn)[1]
    if not owner or tonumber(redis.call('HGET', K.running, owner) or 0) >= tonumber(quota) then return nil end
    local member = oldest(owner)
    if member then return owner, member end
    turn = turn + 1
  end
end

local owner, member = fairest()
if not owner then return false end
redis.call('ZREM', K.waiting .. owner, member)
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
