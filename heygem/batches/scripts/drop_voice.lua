-- batch, item ('' for the whole batch), file key: take back a voice whose file turned out to be gone
local batch, item, file = unpack(ARGV)
local key = item == '' and K.batch .. batch or K.item .. batch .. ':' .. item
if redis.call('HGET', key, 'voice_file') ~= file then return end
drop_voice(batch, item)
mark_dirty(batch)
