do
  local key, text = KEYS[1], redis.call('GETRANGE', KEYS[1], '0', '56')
  local tag = string.byte(text)
  if tag == 65 and #text >= 25 or tag == 85 and #text == 57 then
    local was_seen, was_deadline = struct.unpack('>I4I4', text, 2)
    if tag == 85 then
      local owner = string.sub(text, 26)
      epochs, index = PREFIX .. 'e' .. owner, PREFIX .. 'o' .. owner
      epoch = redis.call('GET', epochs)
    end
    if NOW < was_deadline and (not epoch or epoch == string.sub(text, 18, 25)) then
      seen, deadline = math.max(tonumber(ARGV[3]), was_seen), math.max(tonumber(ARGV[4]), was_deadline)
      is_moved = seen ~= was_seen or deadline ~= was_deadline
      -- This takes no room and comes first, so that the times may be written where memory is short.
      local seconds = deadline - NOW + MARGIN
      if redis.call('EXPIRE', key, seconds, 'GT') == 0 and redis.call('TTL', key) < 0 then
        redis.call('EXPIRE', key, seconds)
      end
      if is_moved then redis.call('SETRANGE', key, 1, struct.pack('>I4I4', seen, deadline)) end
      kept = key
    end
  end
end

