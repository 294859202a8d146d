-- place id → the batch that is collected there, as `read` answers it, or nothing
local batch = redis.call('GET', K.place .. ARGV[1])
return batch and read(batch)
