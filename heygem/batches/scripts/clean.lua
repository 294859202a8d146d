-- platform, batch, version that was shown → 1 if nothing changed since
local platform, batch, version = unpack(ARGV)
local latest = redis.call('HGET', K.dirty .. platform, batch)
if latest and tonumber(latest) > tonumber(version) then return 0 end
redis.call('HDEL', K.dirty .. platform, batch)
return 1
