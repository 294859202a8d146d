-- batch, place id, chat id, owner, person JSON, place JSON, platform, language, engine, options JSON, limit of open batches,
-- the batch of which it is a try-out, or ''
-- → {ok, batch} or {quota_batches, actual, limit}
local batch, place, chat, owner, person, place_json, platform, language, engine, options, limit, trial_of = unpack(ARGV)
local open = trial_of == '' and redis.call('GET', K.place .. place)
if open then return {'ok', open} end
local actual = redis.call('SCARD', K.open .. owner)
if actual >= tonumber(limit) then return {'quota_batches', actual} end
local time = now()
-- A try-out stands behind its batch, before earlier try-outs, and leaves it the place: what is found by the place is the
-- batch.
local whole = tonumber(redis.call('ZSCORE', K.place_batches .. place, trial_of) or time)
local rank = trial_of == '' and time or whole - 0.5 / (1 + time - whole)
go('batch', batch, 'open', 'id', batch, 'owner', owner, 'person', person, 'place', place_json,
  'place_id', place, 'chat_id', chat, 'platform', platform, 'language', language, 'engine', engine, 'options', options,
  'created', time, 'trial_of', trial_of, 'version', 0,
  'waiting', 0, 'running', 0, 'done', 0, 'failed', 0, 'cancelled', 0)
if trial_of == '' then redis.call('SET', K.place .. place, batch) end
redis.call('ZADD', K.place_batches .. place, rank, batch)
redis.call('ZADD', K.chat_batches .. chat, rank, batch)
redis.call('ZADD', K.owner_batches .. owner, rank, batch)
redis.call('SADD', K.open .. owner, batch)
touch(batch)
return {'ok', batch}
