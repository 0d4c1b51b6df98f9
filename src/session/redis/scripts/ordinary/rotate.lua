do
  local value, text, grace = ARGV[3], redis.call('GETRANGE', KEYS[1], '0', '56'), tonumber(ARGV[5])
  local tag, is_due = string.byte(text), string.sub(text, 10, 17) == ARGV[4]
  local is_anonymous = tag == 65 and #text >= 25
  local is_its_owners = tag == 85 and KEYS[3] and string.sub(text, 26) == string.sub(value, 26, 57)
  if is_due and (is_anonymous or is_its_owners) then
    local _, was_deadline = struct.unpack('>I4I4', text, 2)
    epoch = KEYS[3] and redis.call('GET', KEYS[3])
    local is_sound = not epoch
      or epoch == string.sub(value, 18, 25) and (is_anonymous or epoch == string.sub(text, 18, 25))
    seen, deadline = struct.unpack('>I4I4', value, 2)
    if
      is_sound
      and NOW < was_deadline
      and redis.call('SET', KEYS[2], value, 'NX', 'EX', math.max(deadline - NOW, 0) + MARGIN)
    then
      local last = math.min(NOW + ENDED_FOR, LAST_SECOND)
      local mark = 'M' .. struct.pack('>I4', last)
      if grace > 0 then
        mark = mark .. struct.pack('>I4', math.min(NOW + grace, last)) .. string.sub(KEYS[2], -32)
      end
      redis.call('SET', KEYS[1], mark, 'EX', ENDED_FOR + MARGIN)
      kept, is_moved, epochs, index, left = KEYS[2], true, KEYS[3], KEYS[4], is_its_owners and KEYS[1]
    end
  end
end

