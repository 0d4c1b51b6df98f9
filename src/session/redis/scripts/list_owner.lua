-- KEYS: the owner's index. Ids and values in turn.
local owner, listed = id_of(KEYS[1]), {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. place_of_now(), '+inf')) do
  local is_read, found = pcall(look, session_key(id))
  if is_read and found.is == 'live' and found.owner == owner then
    table.insert(listed, id)
    table.insert(listed, redis.call('GET', session_key(id)))
  end
end
return listed
