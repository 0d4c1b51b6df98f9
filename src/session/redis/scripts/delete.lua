-- KEYS: the session's. 0 none, 1 ended.
local key, found = followed(KEYS[1])
if found.is == 'over' then
  redis.call('DEL', key)
  leave(found, key)
end
if found.is == 'ended' then finish(found, key) end
-- What nobody can read was a session to whoever asks for its end.
if found.is ~= 'live' and found.is ~= 'rubbish' then return 0 end
redis.call('DEL', key)
leave(found, key)
mark(key)
return 1
