-- KEYS: the login's, all logins by their ends, and its owner's logins and epoch. ARGV[3]: the value. 0 in use, 1 kept.
local key, head = KEYS[1], head_of(ARGV[3])
local found = look(key)
if found.is == 'live' or found.is == 'rubbish' then return 0 end
keep(key, ARGV[3], head)
leave(found, id_of(key))
enter(head, key)
return 1
