-- worker, runs per owner at most, losses at most, what "auto" means to the worker or '', engine … that it
-- serves → {batch hash, item hash}, or nothing
local worker, quota, max_losses, auto = unpack(ARGV)
reap(max_losses)

local engines = {unpack(ARGV, 5)}
if auto ~= '' then engines[#engines + 1] = 'auto' end

-- The owner whose turn it is, of those with an item in one of the lines, and that item's line. Who has fewest running
-- comes first: if one is at its limit, so is the rest. Of one owner's lines the one that waits longest.
local function fairest()
  local owner, least, line, first
  for _, engine in ipairs(engines) do
    local head = redis.call('ZRANGE', K.ready .. engine, 0, 0, 'WITHSCORES')
    local rank = tonumber(head[2])
    if rank and rank < tonumber(quota) * 1e9 then
      local oldest = redis.call('ZRANGE', K.waiting .. head[1] .. ':' .. engine, 0, 0, 'WITHSCORES')
      local sequence = tonumber(oldest[2])
      local same = rank == least
      local before = not owner or rank < least or (same and head[1] < owner)
      if before or (same and head[1] == owner and sequence < first) then owner, least, line, first = head[1], rank, {engine, oldest[1]}, sequence end
    end
  end
  if owner then return owner, line[1], line[2] end
end

local time = now()
local owner, engine, member
repeat
  owner, engine, member = fairest()
  if not owner then return false end
  local went = go('item', member, 'claim', 'worker', worker, 'started', time, 'stage', '', 'fraction', 0)
  if not went then dequeue(owner, engine, member) end -- somebody removed the record by hand: the others go on
until went
local batch, item = member:match('^(.-):(.+)$')
local key = K.batch .. batch
redis.call('ZADD', K.leases, time + S.lease_s, member)
local running = count(K.running, owner, 1)
dequeue(owner, engine, member)
if engine == 'auto' then -- its first item decides, so that all of a batch look alike
  redis.call('HSET', key, 'engine', auto)
  for _, other in ipairs(redis.call('ZRANGE', K.items .. batch, 0, -1)) do
    local waiting = batch .. ':' .. other
    local sequence = redis.call('ZSCORE', K.waiting .. owner .. ':auto', waiting)
    if sequence then
      dequeue(owner, 'auto', waiting)
      enqueue(owner, auto, waiting, sequence)
    end
  end
end
count(K.item .. member, 'fence', 1)
go('batch', batch, 'claim') -- with its first item only; a running one stays as it is
mark_dirty(batch)

local work = tonumber(redis.call('ZINCRBY', K.work, 1, owner)) -- so that even items that take no time take turns
local level = tonumber(redis.call('GET', K.level) or 0)
if work - 1 > level then redis.call('SET', K.level, work - 1) end
rank(owner, running, work)
return {redis.call('HGETALL', key), redis.call('HGETALL', K.item .. member)}
