-- old place id, new place id, new chat id, new place JSON → the batches that moved and have something to tell. Messages have other
-- ids in the new place: what was taken in the old one is forgotten, and a status message is posted anew.
local old, new, chat, json = unpack(ARGV)
local batches = redis.call('ZRANGE', K.place_batches .. old, 0, -1, 'WITHSCORES')
local untold = {}
for i = 1, #batches, 2 do
  local batch, created = batches[i], batches[i + 1]
  local key = K.batch .. batch
  for _, message in ipairs(redis.call('SMEMBERS', K.taken .. batch)) do
    redis.call('HDEL', K.messages .. old, message)
  end
  redis.call('DEL', K.taken .. batch)
  local before = redis.call('HGET', key, 'chat_id')
  if before then redis.call('ZREM', K.chat_batches .. before, batch) end
  redis.call('ZADD', K.chat_batches .. chat, created, batch)
  redis.call('HSET', key, 'chat_id', chat, 'place', json, 'place_id', new, 'status_message', '')
  redis.call('ZADD', K.place_batches .. new, created, batch)
  local state, announced = unpack(redis.call('HMGET', key, 'state', 'announced'))
  local told = state == 'cancelled' or state == 'expired' or announced == '1'
  if not told then
    mark_dirty(batch)
    untold[#untold + 1] = batch
  end
end
redis.call('DEL', K.place_batches .. old)
local open = redis.call('GET', K.place .. old)
if open then
  redis.call('SET', K.place .. new, open, 'NX')
  redis.call('DEL', K.place .. old)
end
return untold
