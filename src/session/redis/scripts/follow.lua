-- KEYS: a session's that was moved on from, as far as its mark said a moment ago. 0 absent, 1 ended, or {2, value} of a live one,
-- {3, value} of one that this key led to.
local found = look(KEYS[1])
if is_free(found) then return 0 end
if found.is == 'ended' then return 1 end
if found.is ~= 'mark' then return { 2, redis.call('GET', KEYS[1]) } end
local key, last = followed(KEYS[1])
if last.is == 'live' then return { 3, redis.call('GET', key) } end
return 1
