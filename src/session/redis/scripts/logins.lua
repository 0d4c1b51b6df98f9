-- What steps with remembered logins have.

local ENDS = PREFIX .. 'z'
-- How many of all logins that are over are forgotten with each that is kept.
local AT_ONCE = 8

local function login_key(id)
  return PREFIX .. 'r' .. id
end

local function logins_key(owner)
  return PREFIX .. 'l' .. owner
end

-- What stands in front of a login's record.
local function head_of(text)
  if string.sub(text, 1, 1) ~= 'R' or #text < 54 then return nil end
  return {
    ends = u32(text, 2),
    revision = string.sub(text, 6, 13),
    epoch = string.sub(text, 14, 21),
    is_stolen = string.byte(text, 22) == 1,
    owner = string.sub(text, 23, 54),
  }
end

-- What is under a key: absent, over (as good as absent), live, or rubbish.
local function look(key)
  local text = redis.call('GETRANGE', key, 0, 53)
  if text == '' then return { is = 'absent' } end
  local found = head_of(text) or { is = 'rubbish' }
  if not found.is then found.is = NOW < found.ends and 'live' or 'over' end
  return found
end

local function leave(found, id)
  if found.owner then redis.call('ZREM', logins_key(found.owner), id) end
  redis.call('ZREM', ENDS, id)
end

-- Of too many logins of one user the one that ends first goes; its visitor signs in again.
local function make_room(index, owner)
  while redis.call('ZCARD', index) >= MOST_LOGINS do
    local id = redis.call('ZRANGE', index, 0, 0)[1]
    local is_read, found = pcall(look, login_key(id))
    if is_read and found.owner == owner then
      redis.call('DEL', login_key(id))
      redis.call('ZREM', ENDS, id)
    end
    redis.call('ZREM', index, id)
  end
end

local function keep(key, value, head)
  redis.call('SET', key, value, 'EX', seconds_to(head.ends))
end

-- Takes so many logins that are over at this moment, or fewer, out of the list of all. How many were forgotten, and how many found.
local function forget(moment, most)
  local count, over = 0, redis.call('ZRANGEBYSCORE', ENDS, '-inf', moment, 'LIMIT', 0, most)
  for _, id in ipairs(over) do
    local is_read, found = pcall(look, login_key(id))
    if is_read and found.is == 'live' then
      redis.call('ZADD', ENDS, found.ends, id)
    else
      redis.call('DEL', login_key(id))
      if is_read and found.owner then redis.call('ZREM', logins_key(found.owner), id) end
      redis.call('ZREM', ENDS, id)
      count = count + 1
    end
  end
  return count, #over
end

local function enter(head, key)
  local index, id = logins_key(head.owner), id_of(key)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', NOW)
  if not redis.call('ZSCORE', index, id) then make_room(index, head.owner) end
  redis.call('ZADD', index, head.ends, id)
  redis.call('ZADD', ENDS, head.ends, id)
  keep_until(index, head.ends)
  keep_until(ENDS, head.ends)
  keep_until(epoch_key(head.owner), head.ends)
  -- Where nobody purges, the list of all grows no longer than by those that have not ended: more leave it than come.
  forget(NOW - MARGIN, AT_ONCE)
end

