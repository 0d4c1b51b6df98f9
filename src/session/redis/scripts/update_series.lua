-- KEYS: the login's, all logins by their ends, and its owner's logins and epoch. ARGV[3]: the value, ARGV[4]: the
-- revision due. -1 rubbish, 0 gone, 1 kept, 2 conflict.
local key, head = KEYS[1], head_of(ARGV[3])
local found = look(key)
if found.is == 'rubbish' then return -1 end
if found.is ~= 'live' then return 0 end
if found.revision ~= ARGV[4] then return 2 end
keep(key, ARGV[3], head)
if found.owner ~= head.owner then leave(found, id_of(key)) end
enter(head, key)
return 1
