-- KEYS: the owner's index and epoch, and the key of the session that is spared, if one is. ARGV[3]: for how many seconds
-- the epoch is kept at least. How many were ended.
local index, epochs, owner = KEYS[1], KEYS[2], id_of(KEYS[1])
local spared
if KEYS[3] then
  -- A key under which there is something else spares nothing.
  local is_found, key = pcall(followed, KEYS[3])
  spared = is_found and key
end
local high, low = struct.unpack('>I4I4', epoch_of(owner))
-- The time, where that is more: whose epoch was forgotten does not get one again that he had before.
local epoch = math.max(high * 4294967296 + low + 1, NOW)
epoch = struct.pack('>I4I4', math.floor(epoch / 4294967296), epoch % 4294967296)
local ended, kept, kept_id = 0, nil, nil
for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  local key = session_key(id)
  local is_read, found = pcall(look, key)
  if not is_read or found.is == 'rubbish' then
    redis.call('DEL', key)
    mark(key)
  elseif found.owner == owner and key == spared and found.is == 'live' then
    local raised = is_older(found.epoch, epoch) and epoch or found.epoch
    write_over(key, 9, next_of(found.revision) .. raised, found.deadline)
    kept, kept_id = found, id
  elseif found.owner == owner and found.is == 'live' then
    redis.call('DEL', key)
    mark(key)
    ended = ended + 1
  elseif found.owner == owner then
    redis.call('DEL', key)
    if found.is == 'ended' then mark(key) end
  end
end
-- At the latest this is the write that takes no room and comes first, so that the epoch is raised where memory is short too.
redis.call('DEL', index)
redis.call('SET', epochs, epoch, 'EX', ARGV[3])
if kept then
  redis.call('ZADD', index, place_of(kept), kept_id)
  keep_until(index, kept.deadline)
  keep_until(epochs, kept.deadline)
end
-- Logins that were not forgotten may bring an older epoch as long as they last.
local login = redis.call('ZREVRANGE', PREFIX .. 'l' .. owner, 0, 0, 'WITHSCORES')
if login[2] then keep_until(epochs, tonumber(login[2])) end
return ended
