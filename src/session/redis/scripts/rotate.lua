-- KEYS: the old and the new one, and the owner's epoch and index. ARGV[3]: the value, ARGV[4]: the revision due,
-- ARGV[5]: the grace.
-- -1 rubbish, 0 gone, 1 kept, 2 conflict, 3 duplicate, 4 revoked.
local old, new, head, grace = KEYS[1], KEYS[2], head_of(ARGV[3]), tonumber(ARGV[5])
local found = look(old)
if found.is == 'rubbish' then return -1 end
if found.is == 'ended' then finish(found, old) end
if found.is ~= 'live' then return 0 end
if found.revision ~= ARGV[4] then return 2 end
local there = look(new)
if not is_free(there) then return 3 end
if is_revoked(head) then return 4 end
keep(new, ARGV[3], head.deadline)
leave(there, new)
leave(found, old)
mark(old, grace > 0 and id_of(new), grace)
enter(head, new)
return 1
