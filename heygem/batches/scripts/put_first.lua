-- batch → {ok} or {batch_unknown}. It comes before all other batches of its owner; between owners nothing changes.
local batch = unpack(ARGV)
local key = K.batch .. batch
local owner, engine = unpack(redis.call('HMGET', key, 'owner', 'engine'))
if not owner then return {'batch_unknown'} end

-- What of a batch has not ended, in its order; none where it was not generated.
local function unended(of)
  local found = {}
  for _, item in ipairs(redis.call('ZRANGE', K.items .. of, 0, -1)) do
    local member = of .. ':' .. item
    local state, sequence = unpack(redis.call('HMGET', K.item .. member, 'state', 'sequence'))
    if sequence and (state == 'waiting' or state == 'running') then
      found[#found + 1] = {member = member, sequence = tonumber(sequence)}
    end
  end
  return found
end

local first
for _, other in ipairs(redis.call('SMEMBERS', K.open .. owner)) do
  for _, item in ipairs(other == batch and {} or unended(other)) do
    first = math.min(first or item.sequence, item.sequence)
  end
end
local own = unended(batch)
if not first or #own == 0 or own[#own].sequence < first then return {'ok'} end
for index, item in ipairs(own) do
  local sequence = first - #own + index - 1
  redis.call('HSET', K.item .. item.member, 'sequence', sequence)
  redis.call('ZADD', K.waiting .. owner .. ':' .. engine, 'XX', sequence, item.member)
end
mark_dirty(batch)
return {'ok'}
