-- owner, name, new name → 1, or 0: the new one names something already.
-- A name stands for itself and for all of its set: name/1, name/2 …
local owner, old, new = unpack(ARGV)
local key = K.templates .. owner
local saved = redis.call('HGETALL', key)
local function inside(set, name)
  return name == set or name:sub(1, #set + 1) == set .. '/'
end
local moved = {}
for at = 1, #saved, 2 do
  if inside(new, saved[at]) then return 0 end
  if inside(old, saved[at]) then moved[#moved + 1] = at end
end
for _, at in ipairs(moved) do
  local name, json = saved[at], saved[at + 1]
  local file = cjson.decode(json)
  local used = K.file .. file.owner .. ':' .. file.sha256
  local renamed = new .. name:sub(#old + 1)
  redis.call('SADD', used, 'saved:' .. owner .. ':' .. renamed)
  redis.call('SREM', used, 'saved:' .. owner .. ':' .. name)
  redis.call('HSET', key, renamed, json)
  redis.call('HDEL', key, name)
end
return 1
