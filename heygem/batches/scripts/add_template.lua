-- batch, item, message, file JSON, file key, voice JSON or '', voice key or '', templates at most
-- → {ok, number}, {again}, {duplicate_template, number} or {error code}
local batch, item, message, json, file, voice, voice_file, limit = unpack(ARGV)
local error = closed(batch)
if error then return {error} end
local before = taken(batch, message)
local others = redis.call('ZRANGE', K.items .. batch, 0, -1)
if before == item then return {'ok', redis.call('ZRANK', K.items .. batch, item) + 1} end
if before then return {'again'} end
-- The same face with another voice is another video.
for number, other in ipairs(others) do
  local has = redis.call('HMGET', K.item .. batch .. ':' .. other, 'template_file', 'voice_file')
  if has[1] == file and has[2] == voice_file then return {'duplicate_template', number} end
end
if #others >= tonumber(limit) then return {'batch_full'} end
local arrival = count(K.batch .. batch, 'arrivals', 1)
go('item', batch .. ':' .. item, 'add', 'id', item, 'batch', batch, 'fence', 0, 'losses', 0,
  'message', message, 'template', json, 'template_file', file, 'voice', voice, 'voice_file', voice_file)
redis.call('ZADD', K.items .. batch, arrival, item)
add_use(file, batch .. ':' .. item .. ':template')
add_use(voice_file, batch .. ':' .. item .. ':voice')
take(batch, message, item)
touch(batch)
return {'ok', #others + 1}
