-- KEYS: all logins by their ends. ARGV[3]: how many at most. How many were forgotten, those included that Redis has
-- forgotten already.
local most, purged, over = tonumber(ARGV[3]), 0, nil
repeat
  over = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', NOW, 'LIMIT', 0, most - purged)
  for _, id in ipairs(over) do
    local is_read, found = pcall(look, login_key(id))
    if is_read and found.is == 'live' then
      redis.call('ZADD', KEYS[1], found.ends, id)
    else
      redis.call('DEL', login_key(id))
      if is_read and found.owner then redis.call('ZREM', logins_key(found.owner), id) end
      redis.call('ZREM', KEYS[1], id)
      purged = purged + 1
    end
  end
until #over == 0 or purged >= most
return purged
