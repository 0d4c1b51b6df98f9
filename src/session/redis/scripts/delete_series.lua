-- KEYS: the login's. 0 none, 1 forgotten.
local found = look(KEYS[1])
if found.is == 'absent' then return 0 end
redis.call('DEL', KEYS[1])
leave(found, id_of(KEYS[1]))
-- What nobody can read was a login to whoever asks for its end.
return found.is == 'over' and 0 or 1
