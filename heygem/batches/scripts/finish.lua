-- batch, item, fence, event that ends it, field (output or failure), its JSON, its length in seconds, seconds for which Whisper listened and the voice lasts, paces kept → 1 if this run ended the item
local batch, item, fence, event, field, value, length, listened, voice, kept = unpack(ARGV)
local member = batch .. ':' .. item
local was = redis.call('HMGET', K.item .. member, 'state', 'fence', 'started', field)
if was[2] ~= fence then return 0 end
-- The same call again, whose answer was lost on the way: the answer is the same.
if was[1] ~= 'running' then return was[1] == way('item', 'running', event) and was[4] == value and 1 or 0 end
even_when_full()
local started = tonumber(was[3])
end_run(redis.call('HGET', K.batch .. batch, 'owner'), member, started)
if event == 'finish' then
  listened = tonumber(listened)
  redis.call('LPUSH', K.paces, math.max(0, now() - started - listened) / math.max(1, tonumber(length)))
  redis.call('LTRIM', K.paces, 0, tonumber(kept) - 1)
  if listened > 0 then
    redis.call('LPUSH', K.listenings, listened / math.max(1, tonumber(voice)))
    redis.call('LTRIM', K.listenings, 0, tonumber(kept) - 1)
  end
  settle(batch, item, event, field, value, 'fraction', 1)
else
  settle(batch, item, event, field, value)
end
return 1
