-- inbox, id, what came (JSON), for how many seconds it is known that it came: kept until it is answered. 0: it came before.
local inbox, id, entry, seconds = unpack(ARGV)
if not redis.call('SET', K.inbox_seen .. inbox .. ':' .. id, 1, 'NX', 'EX', seconds) then return 0 end
redis.call('HSET', K.inbox .. inbox, id, entry)
return 1
