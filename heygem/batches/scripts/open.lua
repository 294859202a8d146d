-- batch, place id, chat id, owner, person JSON, place JSON, platform, language, engine, options JSON, limit of open batches
-- → {ok, batch} or {quota_batches, actual, limit}
local batch, place, chat, owner, person, place_json, platform, language, engine, options, limit = unpack(ARGV)
local open = redis.call('GET', K.place .. place)
if open then return {'ok', open} end
local actual = redis.call('SCARD', K.open .. owner)
if actual >= tonumber(limit) then return {'quota_batches', actual} end
local time = now()
go('batch', batch, 'open', 'id', batch, 'owner', owner, 'person', person, 'place', place_json,
  'place_id', place, 'chat_id', chat, 'platform', platform, 'language', language, 'engine', engine, 'options', options,
  'created', time, 'version', 0,
  'waiting', 0, 'running', 0, 'done', 0, 'failed', 0, 'cancelled', 0)
redis.call('SET', K.place .. place, batch)
redis.call('ZADD', K.place_batches .. place, time, batch)
redis.call('ZADD', K.chat_batches .. chat, time, batch)
redis.call('ZADD', K.owner_batches .. owner, time, batch)
redis.call('SADD', K.open .. owner, batch)
touch(batch)
return {'ok', batch}
