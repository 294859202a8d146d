-- batch → {batch hash, item hash, item hash …} as of one moment, or nothing
local batch = ARGV[1]
local hash = redis.call('HGETALL', K.batch .. batch)
if #hash == 0 then return false end
local answer = {hash}
for _, item in ipairs(redis.call('ZRANGE', K.items .. batch, 0, -1)) do
  answer[#answer + 1] = redis.call('HGETALL', K.item .. batch .. ':' .. item)
end
return answer
