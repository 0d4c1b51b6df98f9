-- KEYS: the owner's logins, and the one that is spared, if one is. ARGV[3]: its epoch. How many were forgotten.
local index, owner, ended = KEYS[1], id_of(KEYS[1]), 0
for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  local key = login_key(id)
  local is_read, found = pcall(look, key)
  if is_read and found.owner and found.owner ~= owner then
    redis.call('ZREM', index, id)
  elseif is_read and found.is == 'live' and found.is_stolen then
    -- Nobody gets in by it, and its visitor has to hear of it.
  elseif is_read and found.is == 'live' and key == KEYS[2] then
    local raised = is_older(found.epoch, ARGV[3]) and ARGV[3] or found.epoch
    write_over(key, 5, next_of(found.revision) .. raised, found.ends)
  else
    redis.call('DEL', key)
    redis.call('ZREM', index, id)
    redis.call('ZREM', ENDS, id)
    if is_read and found.is == 'live' then ended = ended + 1 end
  end
end
return ended
