do
  local value = ARGV[3]
  epoch = KEYS[2] and redis.call('GET', KEYS[2])
  if not epoch or epoch == string.sub(value, 18, 25) then
    seen, deadline = struct.unpack('>I4I4', value, 2)
    if redis.call('SET', KEYS[1], value, 'NX', 'EX', math.max(deadline - NOW, 0) + MARGIN) then
      kept, is_moved, epochs, index = KEYS[1], true, KEYS[2], KEYS[3]
    end
  end
end

