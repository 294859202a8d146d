-- batch, item → {ok} or {error code}. The message stays taken: the same update again changes nothing.
local batch, item = unpack(ARGV)
local error = closed(batch)
if error then return {error} end
if not drop_item(batch, item) then return {'item_unknown'} end
touch(batch)
return {'ok'}
