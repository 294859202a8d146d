-- batch, item, number → {ok} or {error code}: the item gets this number, or the last; those in between make way.
-- The scores stay what they were, so that what comes later still stands behind.
local batch, item, number = unpack(ARGV)
local error = closed(batch)
if error then return {error} end
local key = K.items .. batch
local from = redis.call('ZRANK', key, item)
if not from then return {'item_unknown'} end
local order, scores = {}, {}
local held = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
for at = 1, #held, 2 do
  order[#order + 1] = held[at]
  scores[#scores + 1] = held[at + 1]
end
table.remove(order, from + 1)
table.insert(order, math.max(1, math.min(tonumber(number), #order + 1)), item)
for at, each in ipairs(order) do redis.call('ZADD', key, scores[at], each) end
touch(batch)
return {'ok'}
