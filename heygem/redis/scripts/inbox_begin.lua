-- inbox, id: what is kept is tried once more; the number of this try. 0: it is not kept.
local inbox, id = unpack(ARGV)
if redis.call('HEXISTS', K.inbox .. inbox, id) == 0 then return 0 end
return count(K.inbox_tries .. inbox, id, 1)
