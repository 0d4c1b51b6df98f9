-- KEYS: the session's, and its owner's epoch and index. ARGV[3]: the value. 0 duplicate, 1 kept, 2 revoked.
local key, head = KEYS[1], head_of(ARGV[3])
local found = look(key)
if not is_free(found) then return 0 end
if is_revoked(head) then return 2 end
keep(key, ARGV[3], head.deadline)
leave(found, key)
enter(head, key)
return 1
