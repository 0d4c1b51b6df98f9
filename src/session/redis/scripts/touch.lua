-- KEYS: the session's. ARGV[3]: when it was seen, ARGV[4]: its deadline. -1 rubbish, 0 none, 1 touched.
local key = KEYS[1]
local found = look(key)
if found.is == 'rubbish' then return -1 end
if found.is == 'ended' then finish(found, key) end
if found.is ~= 'live' then return 0 end
found.seen = math.max(found.seen, tonumber(ARGV[3]))
found.deadline = math.max(found.deadline, tonumber(ARGV[4]))
write_over(key, 1, struct.pack('>I4I4', found.seen, found.deadline), found.deadline)
enter(found, key)
return 1
