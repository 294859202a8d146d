-- What several scripts need. K holds the key names (heygem/redis/keys.py). Times are Unix seconds.

local moment
-- One script is one moment: Redis' clock stands still in it.
local function now()
  if not moment then
    local time = redis.call('TIME')
    moment = tonumber(time[1]) + tonumber(time[2]) / 1000000
  end
  return moment
end

local function count(key, field, by)
  return redis.call('HINCRBY', key, field, by)
end

-- A script that ends or keeps work must run on a Redis without free memory too: it is how memory gets free again. Redis
-- asks for memory before a script's first write only, and a removal is a write that needs none.
local function even_when_full()
  redis.call('DEL', K.nothing)
end
