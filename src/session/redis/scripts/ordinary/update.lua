do
  local value, text = ARGV[3], redis.call('GETRANGE', KEYS[1], 0, 56)
  local tag, is_due = string.byte(text), string.sub(text, 10, 17) == ARGV[4]
  local is_anonymous = tag == 65 and #text >= 25 and not KEYS[2]
  local is_its_owners = tag == 85 and KEYS[2] and string.sub(text, 26) == string.sub(value, 26, 57)
  if is_due and (is_anonymous or is_its_owners) then
    local was_seen, was_deadline = struct.unpack('>I4I4', text, 2)
    epoch = KEYS[2] and redis.call('GET', KEYS[2])
    local is_sound = not epoch or epoch == string.sub(text, 18, 25) and epoch == string.sub(value, 18, 25)
    if is_sound and NOW < was_deadline then
      seen, deadline = struct.unpack('>I4I4', value, 2)
      if seen < was_seen or deadline < was_deadline then
        seen, deadline = math.max(seen, was_seen), math.max(deadline, was_deadline)
        value = string.sub(value, 1, 1) .. struct.pack('>I4I4', seen, deadline) .. string.sub(value, 10)
      end
      redis.call('SET', KEYS[1], value, 'EX', deadline - NOW + MARGIN)
      kept, is_moved, epochs, index = KEYS[1], seen ~= was_seen or deadline ~= was_deadline, KEYS[2], KEYS[3]
    end
  end
end

