-- What several scripts of the queue need, beside what all have (heygem/redis/scripts/common.lua). T says which state
-- follows which (heygem/batches/states.py), S how long a run may be silent (heygem/batches/times.py).

-- Where `event` leads a 'batch' or an 'item' that is in the state `from`; nil if nowhere.
local function way(kind, from, event)
  return T[kind .. ' ' .. from .. ' ' .. event]
end

-- A 'batch', or an 'item' named <batch>:<item>, goes where T says that `event` leads from the state it has; fields and
-- values that follow go into its record with that, and its batch counts an item again. Returns the new state; nil, with
-- nothing written, where T has no way.
local function go(kind, id, event, ...)
  local key = K[kind] .. id
  local from = redis.call('HGET', key, 'state') or ''
  local to = way(kind, from, event)
  if not to then return nil end
  redis.call('HSET', key, 'state', to, ...)
  if kind == 'item' and from ~= '' then
    local batch = K.batch .. id:match('^(.-):')
    count(batch, from, -1)
    count(batch, to, 1)
  end
  return to
end

-- The platform's front end shall look at this batch again.
local function mark_dirty(batch)
  local key = K.batch .. batch
  local version = count(key, 'version', 1)
  redis.call('HSET', K.dirty .. redis.call('HGET', key, 'platform'), batch, version)
end

-- A collecting batch was used just now.
local function touch(batch)
  redis.call('ZADD', K.collecting, now(), batch)
  mark_dirty(batch)
end

-- Place an owner in each line in which items of theirs wait: fewest running first, then least work served.
-- How many run and how much was served is asked for where the caller doesn't know it. Returns whether any waits.
local function rank(owner, running, work)
  local engines = redis.call('SMEMBERS', K.lines .. owner)
  if #engines == 0 then return false end
  running = running or tonumber(redis.call('HGET', K.running, owner) or 0)
  work = work or tonumber(redis.call('ZSCORE', K.work, owner) or 0)
  for _, engine in ipairs(engines) do
    redis.call('ZADD', K.ready .. engine, running * 1e9 + work, owner)
  end
  return true
end

-- An item waits no longer. A line without items is no line.
local function dequeue(owner, engine, member)
  local line = owner .. ':' .. engine
  redis.call('ZREM', K.waiting .. line, member)
  if redis.call('EXISTS', K.waiting .. line) == 1 then return end
  redis.call('SREM', K.lines .. owner, engine)
  redis.call('ZREM', K.ready .. engine, owner)
  if redis.call('EXISTS', K.ready .. engine) == 0 then redis.call('SREM', K.engines, engine) end
end

-- An item becomes claimable. Whoever had nothing to do starts just above the work of the owner served last: idle time
-- earns no credit, and each newcomer starts higher than the one before, so that nobody already waiting starves.
local function enqueue(owner, engine, member, sequence)
  local idle = redis.call('EXISTS', K.lines .. owner) == 0 and redis.call('HEXISTS', K.running, owner) == 0
  if idle then
    local level = tonumber(redis.call('GET', K.level) or 0)
    local work = tonumber(redis.call('ZSCORE', K.work, owner) or 0)
    redis.call('ZADD', K.work, math.max(work, level + 1), owner)
  end
  redis.call('ZADD', K.waiting .. owner .. ':' .. engine, sequence, member)
  redis.call('SADD', K.lines .. owner, engine)
  redis.call('SADD', K.engines, engine)
end

local function forget_work_when_idle()
  if redis.call('EXISTS', K.engines, K.running) == 0 then
    redis.call('DEL', K.work, K.level)
  end
end

-- A run is over, however it ended: its lease goes and its time is charged to the owner.
local function end_run(owner, member, started)
  redis.call('ZREM', K.leases, member)
  local running = count(K.running, owner, -1)
  if running <= 0 then redis.call('HDEL', K.running, owner) end
  local work = tonumber(redis.call('ZINCRBY', K.work, math.max(0, now() - started), owner))
  if not rank(owner, math.max(0, running), work) then forget_work_when_idle() end
end

-- A collecting batch isn't one any more: its place is free for the next.
local function leave_place(batch, place)
  if redis.call('GET', K.place .. place) == batch then redis.call('DEL', K.place .. place) end
  redis.call('ZREM', K.collecting, batch)
end

-- A batch ends, and stands from now on in the index by which retention finds it.
local function end_batch(batch, owner, event, index, time)
  if not go('batch', batch, event, 'ended', time) then return end
  redis.call('SREM', K.open .. owner, batch)
  redis.call('ZREM', K.paused, batch)
  redis.call('HDEL', K.batch .. batch, 'paused')
  redis.call('ZADD', index, time, batch)
end

-- The batch ends with its last item: cancelled if it was stopped before all were made, done if any succeeded, failed if
-- any failed; where all were taken out of it one by one, it is cancelled too.
local function conclude(batch)
  local key = K.batch .. batch
  local n = redis.call('HMGET', key, 'waiting', 'running', 'done', 'failed', 'cancelled', 'cancelling', 'owner')
  if tonumber(n[1]) + tonumber(n[2]) > 0 then return end
  local event = 'cancel'
  if n[6] ~= '1' or n[5] == '0' then
    if tonumber(n[3]) > 0 then event = 'finish' elseif tonumber(n[4]) > 0 then event = 'fail' end
  end
  end_batch(batch, n[7], event, K.ended, now())
end

-- An item ends; fields and values that follow go into its record. Returns whether it could.
local function settle(batch, item, event, ...)
  if not go('item', batch .. ':' .. item, event, 'ended', now(), 'stage', '', ...) then return false end
  conclude(batch)
  mark_dirty(batch)
  return true
end

-- Whether a run of the item shall stop: its batch was cancelled, or the item alone.
local function stopping(batch, item)
  return redis.call('HGET', K.batch .. batch, 'cancelling') == '1'
    or redis.call('HGET', K.item .. batch .. ':' .. item, 'cancelling') == '1'
end

-- A running item goes back to its place in the line, unless its batch is paused, or ends if that was asked for
-- meanwhile.
local function put_back(batch, item, owner, event)
  local member = batch .. ':' .. item
  if stopping(batch, item) then
    settle(batch, item, 'stop')
    return
  end
  if not go('item', member, event, 'stage', '', 'fraction', 0, 'worker', '', 'started', 0) then return end
  local engine, paused = unpack(redis.call('HMGET', K.batch .. batch, 'engine', 'paused'))
  if paused ~= '1' then enqueue(owner, engine, member, redis.call('HGET', K.item .. member, 'sequence')) end
  rank(owner)
  mark_dirty(batch)
end

-- A run ended without a result that counts. `max_losses` of them on one item end the item, with `failure` if that is
-- known (JSON), else as one whose workers were lost.
local function lose(batch, item, max_losses, failure)
  local member = batch .. ':' .. item
  local owner = redis.call('HGET', K.batch .. batch, 'owner')
  if not owner then -- somebody removed the record by hand: that must not stop every claim after it
    redis.call('ZREM', K.leases, member)
    return
  end
  local losses = count(K.item .. member, 'losses', 1)
  end_run(owner, member, tonumber(redis.call('HGET', K.item .. member, 'started')))
  if losses >= tonumber(max_losses) and not stopping(batch, item) then
    failure = failure or string.format('{"code":"worker_lost","params":{"losses":%d}}', losses)
    settle(batch, item, 'fail', 'failure', failure)
  else
    put_back(batch, item, owner, 'lose')
  end
end

-- End the runs whose lease ran out. Where nobody was heard for longer than everybody pauses, it was Redis that was away
-- and no worker could renew: each gets the length of a lease to do so.
local function reap(max_losses)
  local time = now()
  local heard, patient = unpack(redis.call('MGET', K.heard, K.patient))
  even_when_full()
  if not heard or time - heard > 1 then redis.call('SET', K.heard, time) end
  if heard and time - heard > S.silence_s then
    patient = time + S.lease_s
    redis.call('SET', K.patient, patient, 'PX', math.ceil(S.lease_s * 1000))
  end
  if patient and tonumber(patient) > time then return end
  local expired = redis.call('ZRANGEBYSCORE', K.leases, '-inf', time, 'LIMIT', 0, 1000)
  for _, member in ipairs(expired) do
    local batch, item = member:match('^(.-):(.+)$')
    lose(batch, item, max_losses)
  end
end

-- Whether this run, and no later one, holds the item.
local function holds(batch, item, fence)
  local now_is = redis.call('HMGET', K.item .. batch .. ':' .. item, 'state', 'fence')
  return now_is[1] == 'running' and now_is[2] == fence
end

-- A file is used by something; `use` names it.
local function add_use(file, use)
  if file ~= '' then redis.call('SADD', K.file .. file, use) end
end

local function drop_use(file, use)
  if file and file ~= '' then redis.call('SREM', K.file .. file, use) end
end

-- Whether a message was taken already, and for what: nil, or the item's id, or 'voice'.
local function taken(batch, message)
  local place = redis.call('HGET', K.batch .. batch, 'place_id')
  local value = redis.call('HGET', K.messages .. place, message)
  return value and value:match(':(.+)$') or nil
end

local function take(batch, message, what)
  local place = redis.call('HGET', K.batch .. batch, 'place_id')
  redis.call('HSET', K.messages .. place, message, batch .. ':' .. what)
  redis.call('SADD', K.taken .. batch, message)
end

-- The voice of an item, or ('' for the item) of the whole batch, is none any more; the batch's takes its words along.
local function drop_voice(batch, item)
  local key = item == '' and K.batch .. batch or K.item .. batch .. ':' .. item
  local use = batch .. ':' .. (item == '' and 'voice' or item) .. ':voice'
  drop_use(redis.call('HGET', key, 'voice_file'), use)
  redis.call('HDEL', key, 'voice_message')
  if item == '' then
    redis.call('HDEL', key, 'voice', 'voice_file', 'transcript', 'caption', 'caption_by')
  else
    redis.call('HSET', key, 'voice', '', 'voice_file', '')
  end
end

-- Take an item out of a batch that is still collected; whether it was there.
local function drop_item(batch, item)
  if redis.call('ZREM', K.items .. batch, item) == 0 then return false end
  local key = K.item .. batch .. ':' .. item
  local files = redis.call('HMGET', key, 'template_file', 'voice_file')
  drop_use(files[1], batch .. ':' .. item .. ':template')
  drop_use(files[2], batch .. ':' .. item .. ':voice')
  redis.call('DEL', key)
  return true
end

-- nil while the batch can be changed, else the error's code.
local function closed(batch)
  local state = redis.call('HGET', K.batch .. batch, 'state')
  if not state then return 'batch_unknown' end
  if state ~= 'collecting' then return 'batch_started' end
  return nil
end

-- A batch with its items as of one moment: {batch hash, item hash, item hash …}, or false.
local function read(batch)
  local hash = redis.call('HGETALL', K.batch .. batch)
  if #hash == 0 then return false end
  local answer = {hash}
  for _, item in ipairs(redis.call('ZRANGE', K.items .. batch, 0, -1)) do
    answer[#answer + 1] = redis.call('HGETALL', K.item .. batch .. ':' .. item)
  end
  return answer
end
