-- → number of items that waited in the lines of earlier versions, one for each owner, and now wait in today's
local moved = 0
for _, owner in ipairs(redis.call('ZRANGE', K.old_ready, 0, -1)) do
  local line = K.waiting .. owner
  local members = redis.call('ZRANGE', line, 0, -1, 'WITHSCORES')
  for i = 1, #members, 2 do
    local engine = redis.call('HGET', K.batch .. members[i]:match('^(.-):'), 'engine')
    if engine then
      enqueue(owner, engine, members[i], members[i + 1])
      moved = moved + 1
    end
  end
  redis.call('DEL', line)
  rank(owner)
end
redis.call('DEL', K.old_ready)
return moved
