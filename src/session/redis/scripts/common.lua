-- What all steps have.
--
-- Numbers stand at fixed places in front of a record, big-endian, so that steps read and write them without it.
-- Where Redis is short of memory it refuses the first write of a step, if that may take room, and none after it. So steps
-- that keep something begin with the SET, and steps that end something with a write that takes none.

local function u32(text, at)
  return (struct.unpack('>I4', text, at))
end

-- Of two numbers of 8 bytes. Lua's own have 53 bits, so each is read in halves.
local function is_older(one, other)
  local high, low = struct.unpack('>I4I4', one)
  local other_high, other_low = struct.unpack('>I4I4', other)
  return high < other_high or (high == other_high and low < other_low)
end

local function next_of(revision)
  local high, low = struct.unpack('>I4I4', revision)
  if low == 4294967295 then return struct.pack('>I4I4', high + 1, 0) end
  return struct.pack('>I4I4', high, low + 1)
end

local function epoch_key(owner)
  return PREFIX .. 'e' .. owner
end

local epochs_read = {}

-- Nobody else writes while a step runs, so one look is enough for all of an owner's sessions.
local function epoch_of(owner)
  if not epochs_read[owner] then
    epochs_read[owner] = redis.call('GET', epoch_key(owner)) or string.rep('\0', 8)
  end
  return epochs_read[owner]
end

local function id_of(key)
  return string.sub(key, -32)
end

local function seconds_to(moment)
  return math.max(moment - NOW, 0) + MARGIN
end

-- Keeps a key at least until then; one that is not there is left alone.
local function keep_until(key, moment)
  local seconds = seconds_to(moment)
  if redis.call('TTL', key) < seconds then redis.call('EXPIRE', key, seconds) end
end

-- Writes over some bytes of a value that lasts until then, also where memory is short: the first write takes no room.
local function write_over(key, at, bytes, moment)
  local seconds = seconds_to(moment)
  -- What another tool has put there may have no end of its own.
  if redis.call('EXPIRE', key, seconds, 'GT') == 0 and redis.call('TTL', key) < 0 then
    redis.call('EXPIRE', key, seconds)
  end
  redis.call('SETRANGE', key, at, bytes)
end

