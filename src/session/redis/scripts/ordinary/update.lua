do
  local call, sub, value, size = redis.call, string.sub, ARGV[3], KEYS[2] and 57 or 25
  local text = call('GETRANGE', KEYS[1], '0', KEYS[2] and '56' or '24')
  -- Signed in or not, of the revision due, and of the epoch and the owner of what takes its place.
  if
    #text == size
    and string.byte(text) == (KEYS[2] and 85 or 65)
    and sub(text, 10, 17) == ARGV[4]
    and sub(text, 18) == sub(value, 18, size)
  then
    local was_seen, was_deadline = struct.unpack('>I4I4', text, 2)
    epoch = KEYS[2] and call('GET', KEYS[2])
    if NOW < was_deadline and (not epoch or epoch == sub(text, 18, 25)) then
      seen, deadline = struct.unpack('>I4I4', value, 2)
      if seen < was_seen or deadline < was_deadline then
        seen, deadline = math.max(seen, was_seen), math.max(deadline, was_deadline)
        value = sub(value, 1, 1) .. struct.pack('>I4I4', seen, deadline) .. sub(value, 10)
      end
      call('SET', KEYS[1], value, 'EX', deadline - NOW + MARGIN)
      kept, is_moved, epochs, index = KEYS[1], seen ~= was_seen or deadline ~= was_deadline, KEYS[2], KEYS[3]
    end
  end
end

