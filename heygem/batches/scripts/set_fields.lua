-- batch, 'open' if it must still be collecting, 'any', or 'quietly' where no front end needs to look again; field, value, field, value … → {ok} or {error code}
local batch = ARGV[1]
local error = closed(batch)
if error == 'batch_unknown' or (error and ARGV[2] == 'open') then return {error} end
redis.call('HSET', K.batch .. batch, unpack(ARGV, 3))
if ARGV[2] == 'quietly' then return {'ok'} end
if error then mark_dirty(batch) else touch(batch) end
return {'ok'}
