-- What steps with sessions have.

-- Renewals within some seconds that an old key is followed over; nobody honest has as many.
local MOST_RENEWALS = 64

local function session_key(id)
  return PREFIX .. 's' .. id
end

local function index_key(owner)
  return PREFIX .. 'o' .. owner
end

-- What stands in front of a session's record.
local function head_of(text)
  local tag, head = string.sub(text, 1, 1), nil
  if tag == 'A' and #text >= 25 then
    head = {}
  elseif tag == 'U' and #text >= 57 then
    head = { owner = string.sub(text, 26, 57) }
  else
    return nil
  end
  head.seen, head.deadline = struct.unpack('>I4I4', text, 2)
  head.revision, head.epoch = string.sub(text, 10, 17), string.sub(text, 18, 25)
  return head
end

local function is_revoked(head)
  return head.owner and is_older(head.epoch, epoch_of(head.owner))
end

-- What is under a key: absent, over (as good as absent), mark (a session was here), ended (by its owner's epoch),
-- live, or rubbish.
local function look(key)
  local text = redis.call('GETRANGE', key, 0, 56)
  if text == '' then return { is = 'absent' } end
  if string.sub(text, 1, 1) == 'M' and (#text == 5 or #text == 41) then
    if NOW >= u32(text, 2) then return { is = 'over' } end
    if #text == 5 then return { is = 'mark' } end
    return { is = 'mark', grace = u32(text, 6), to = string.sub(text, 10, 41) }
  end
  local found = head_of(text) or { is = 'rubbish' }
  if not found.is then
    if NOW >= found.deadline then
      found.is = 'over'
    elseif is_revoked(found) then
      found.is = 'ended'
    else
      found.is = 'live'
    end
  end
  return found
end

local function is_free(found)
  return found.is == 'absent' or found.is == 'over'
end

-- Where a key leads to by now, over renewals whose grace lasts.
local function followed(key)
  local found = look(key)
  for _ = 1, MOST_RENEWALS do
    if found.is ~= 'mark' or not found.to or NOW >= found.grace then break end
    key = session_key(found.to)
    found = look(key)
  end
  return key, found
end

-- Remembers that a session was under this key, and for a while where it leads to.
local function mark(key, to, grace)
  local last = math.min(NOW + ENDED_FOR, LAST_SECOND)
  local text = 'M' .. struct.pack('>I4', last)
  if to then text = text .. struct.pack('>I4', math.min(NOW + grace, last)) .. to end
  redis.call('SET', key, text, 'EX', ENDED_FOR + MARGIN)
end

local function keep(key, value, deadline)
  redis.call('SET', key, value, 'EX', seconds_to(deadline))
end

local function leave(found, key)
  if found.owner then redis.call('ZREM', index_key(found.owner), id_of(key)) end
end

-- Ends a session that another step left behind when it raised its owner's epoch, since its index was lost.
local function finish(found, key)
  redis.call('DEL', key)
  mark(key)
  leave(found, key)
end

local function place_of(head)
  local idle = math.min(math.max(head.deadline - head.seen, 0), SHIFT - 1)
  return string.format('%.0f', head.deadline * SHIFT + idle)
end

-- The last place of those that are over at this moment.
local function last_place(moment)
  return string.format('%.0f', moment * SHIFT + SHIFT - 1)
end

-- Takes what is over out of an index, where a new one has come to it. Another machine's clock may say that it is not over yet, and a
-- session that is in no index cannot be ended with the others; so it stays a while if there is room. Of too many sessions of
-- one user the one goes that was seen longest ago, except the new one. It is given up, not ended.
local function make_room(index, new)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', last_place(NOW - MARGIN))
  if redis.call('ZCARD', index) <= MOST_SESSIONS then return end
  redis.call('ZREMRANGEBYSCORE', index, '-inf', last_place(NOW))
  if redis.call('ZCARD', index) <= MOST_SESSIONS then return end
  local places = redis.call('ZRANGE', index, 0, -1, 'WITHSCORES')
  local oldest, seen
  for at = 1, #places, 2 do
    local place = tonumber(places[at + 1])
    local then_seen = math.floor(place / SHIFT) - place % SHIFT
    if places[at] ~= id_of(new) and (not seen or then_seen < seen) then
      oldest, seen = places[at], then_seen
    end
  end
  local is_read, found = pcall(look, session_key(oldest))
  if is_read and found.owner == id_of(index) then redis.call('DEL', session_key(oldest)) end
  redis.call('ZREM', index, oldest)
end

-- Puts a session on its owner's list, or at its new place there.
local function enter(head, key)
  if not head.owner then return end
  local index = index_key(head.owner)
  local is_new = redis.call('ZADD', index, place_of(head), id_of(key)) == 1
  keep_until(index, head.deadline)
  keep_until(epoch_key(head.owner), head.deadline)
  if is_new then make_room(index, key) end
end

