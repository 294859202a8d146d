-- batch, item ('' for the whole batch), file key: take back a voice whose file turned out to be gone
local batch, item, file = unpack(ARGV)
local key = item == '' and K.batch .. batch or K.item .. batch .. ':' .. item
if redis.call('HGET', key, 'voice_file') ~= file then return end
drop_use(file, batch .. ':' .. (item == '' and 'voice' or item) .. ':voice')
if item == '' then
  redis.call('HDEL', key, 'voice', 'voice_file')
else
  redis.call('HSET', key, 'voice', '', 'voice_file', '')
end
mark_dirty(batch)
