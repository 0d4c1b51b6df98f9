-- KEYS: all logins by their ends. ARGV[3]: how many at most. How many were forgotten, those included that Redis has
-- forgotten already.
local most, purged = tonumber(ARGV[3]), 0
repeat
  local count, found = forget(NOW, most - purged)
  purged = purged + count
until found == 0 or purged >= most
return purged
