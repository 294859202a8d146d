-- place, message: what it brought leaves its batch if that is still collecting → 1, or 0. The message stays taken.
local place, message = unpack(ARGV)
local batch, what = (redis.call('HGET', K.messages .. place, message) or ''):match('^(.-):(.+)$')
if not batch or closed(batch) then return 0 end
local item = what ~= 'voice' and what or ''
local key = item == '' and K.batch .. batch or K.item .. batch .. ':' .. item
local template, voice = unpack(redis.call('HMGET', key, 'message', 'voice_message'))
if template == message then
  drop_item(batch, item)
elseif voice == message then -- and no later one has taken its place
  drop_voice(batch, item)
else
  return 0
end
touch(batch)
return 1
