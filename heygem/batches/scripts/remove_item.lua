-- batch, item → {ok} or {error code}. The message stays taken: the same update again changes nothing.
local batch, item = unpack(ARGV)
local error = closed(batch)
if error then return {error} end
if redis.call('ZREM', K.items .. batch, item) == 0 then return {'item_unknown'} end
local key = K.item .. batch .. ':' .. item
local files = redis.call('HMGET', key, 'template_file', 'voice_file')
drop_use(files[1], batch .. ':' .. item .. ':template')
drop_use(files[2], batch .. ':' .. item .. ':voice')
redis.call('DEL', key)
touch(batch)
return {'ok'}
