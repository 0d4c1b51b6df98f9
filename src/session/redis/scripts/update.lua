-- KEYS: the session's, and its owner's epoch and index. ARGV[3]: the value, ARGV[4]: the revision due.
-- -1 rubbish, 0 gone, 1 kept, 2 conflict.
local key, value = KEYS[1], ARGV[3]
local found, head = look(key), head_of(value)
if found.is == 'rubbish' then return -1 end
if found.is == 'ended' then finish(found, key) end
if found.is ~= 'live' then return 0 end
if found.revision ~= ARGV[4] then return 2 end
if is_revoked(head) then return 0 end
head.seen = math.max(head.seen, found.seen)
head.deadline = math.max(head.deadline, found.deadline)
value = string.sub(value, 1, 1) .. struct.pack('>I4I4', head.seen, head.deadline) .. string.sub(value, 10)
keep(key, value, head.deadline)
if found.owner ~= head.owner then leave(found, key) end
enter(head, key)
return 1
