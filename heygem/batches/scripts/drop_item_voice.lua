-- batch, item → {ok} or {error code}: the item speaks the batch's voice again
local batch, item = unpack(ARGV)
local error = closed(batch)
if error then return {error} end
local key = K.item .. batch .. ':' .. item
if redis.call('EXISTS', key) == 0 then return {'item_unknown'} end
drop_use(redis.call('HGET', key, 'voice_file'), batch .. ':' .. item .. ':voice')
redis.call('HSET', key, 'voice', '', 'voice_file', '')
touch(batch)
return {'ok'}
