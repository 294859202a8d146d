-- batch, item, template JSON → {ok} or {error code}: the same file under another name
local batch, item, json = unpack(ARGV)
local error = closed(batch)
if error then return {error} end
local key = K.item .. batch .. ':' .. item
if redis.call('EXISTS', key) == 0 then return {'item_unknown'} end
redis.call('HSET', key, 'template', json)
touch(batch)
return {'ok'}
