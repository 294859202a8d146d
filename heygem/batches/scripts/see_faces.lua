-- batch, item, how many faces a first look saw. Only what is unusual is shown.
local batch, item, faces = unpack(ARGV)
if closed(batch) or not redis.call('ZSCORE', K.items .. batch, item) then return end
redis.call('HSET', K.item .. batch .. ':' .. item, 'faces', faces)
if faces ~= '1' then mark_dirty(batch) end
