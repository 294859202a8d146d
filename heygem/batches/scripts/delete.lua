-- batch, seconds for which a withdrawn link is remembered as such → {owner, file key …}, the files that nothing uses
-- any more; or nothing. Running renders find their item gone.
local batch, remembered = unpack(ARGV)
local key = K.batch .. batch
even_when_full()
local owner, place, platform, voice, engine, chat =
  unpack(redis.call('HMGET', key, 'owner', 'place_id', 'platform', 'voice_file', 'engine', 'chat_id'))
if not owner then return false end
local unused = {owner}

local function drop(file, use)
  if not file or file == '' then return end
  drop_use(file, use)
  if redis.call('EXISTS', K.file .. file) == 0 then unused[#unused + 1] = file end
end

drop(voice, batch .. ':voice:voice')
for _, item in ipairs(redis.call('ZRANGE', K.items .. batch, 0, -1)) do
  local member = batch .. ':' .. item
  local has = redis.call('HMGET', K.item .. member, 'template_file', 'voice_file', 'state', 'started')
  drop(has[1], member .. ':template')
  drop(has[2], member .. ':voice')
  if has[3] == 'waiting' then dequeue(owner, engine, member) end
  if has[3] == 'running' then end_run(owner, member, tonumber(has[4])) end
  redis.call('DEL', K.item .. member)
end
forget_work_when_idle()

for _, message in ipairs(redis.call('SMEMBERS', K.taken .. batch)) do
  redis.call('HDEL', K.messages .. place, message)
end
for _, link in ipairs(redis.call('SMEMBERS', K.batch_links .. batch)) do
  if redis.call('DEL', K.link .. link) == 1 then
    redis.call('HSET', K.link .. link, 'revoked', 1)
    redis.call('EXPIRE', K.link .. link, remembered)
  end
end
leave_place(batch, place)
redis.call('ZREM', K.place_batches .. place, batch)
if chat then redis.call('ZREM', K.chat_batches .. chat, batch) end -- earlier versions kept no such list
redis.call('ZREM', K.owner_batches .. owner, batch)
redis.call('SREM', K.open .. owner, batch)
redis.call('ZREM', K.ended, batch)
redis.call('ZREM', K.paused, batch)
redis.call('ZREM', K.expired, batch)
redis.call('HDEL', K.dirty .. platform, batch)
redis.call('DEL', key, K.batch_links .. batch, K.items .. batch, K.taken .. batch, K.arrivals .. batch,
  K.webhook .. batch, K.slack_sharing .. batch)
return unused
