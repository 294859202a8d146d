-- batch, item ('' for the whole batch), message, file JSON, file key → {ok}, {again} or {error code}
local batch, item, message, json, file = unpack(ARGV)
local error = closed(batch)
if error then return {error} end
local what = item == '' and 'voice' or item
if taken(batch, message) then return {'again'} end
local key = item == '' and K.batch .. batch or K.item .. batch .. ':' .. item
if redis.call('EXISTS', key) == 0 then return {'item_unknown'} end
local use = batch .. ':' .. what .. ':voice'
drop_use(redis.call('HGET', key, 'voice_file'), use)
redis.call('HSET', key, 'voice', json, 'voice_file', file, 'voice_message', message)
add_use(file, use)
take(batch, message, what)
touch(batch)
return {'ok'}
