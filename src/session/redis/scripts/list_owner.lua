-- KEYS: the owner's index. ARGV[3]: how many bytes of values at most. Ids and values in turn; of those beyond, the id and no value.
local owner, room, listed = id_of(KEYS[1]), tonumber(ARGV[3]), {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. last_place(NOW), '+inf')) do
  local key = session_key(id)
  local is_read, found = pcall(look, key)
  if is_read and found.is == 'live' and found.owner == owner then
    room = room - redis.call('STRLEN', key)
    table.insert(listed, id)
    table.insert(listed, room >= 0 and redis.call('GET', key) or '')
  end
end
return listed
