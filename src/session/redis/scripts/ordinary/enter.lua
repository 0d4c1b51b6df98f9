-- The place of what was kept in its owner's index. A thousand and first one is left to `crowded`.
if kept then
  if not index then return 1 end
  local is_crowded = false
  -- The index has the place already, and lasts; but where the clock was set back, all lasts longer than it did.
  if is_moved or NOW < seen then
    local seconds = math.max(deadline - NOW, 0) + MARGIN
    local idle = math.min(math.max(deadline - seen, 0), SHIFT - 1)
    local place = string.format('%.0f', deadline * SHIFT + idle)
    local is_new = redis.call('ZADD', index, place, string.sub(kept, -32)) == 1
    if redis.call('EXPIRE', index, seconds, 'GT') == 0 and redis.call('TTL', index) < seconds then
      redis.call('EXPIRE', index, seconds)
    end
    if epoch and redis.call('TTL', epochs) < seconds then redis.call('EXPIRE', epochs, seconds) end
    if left then redis.call('ZREM', index, string.sub(left, -32)) end
    if is_new then
      local over = string.format('%.0f', (NOW - MARGIN) * SHIFT + SHIFT - 1)
      redis.call('ZREMRANGEBYSCORE', index, '-inf', over)
      is_crowded = redis.call('ZCARD', index) > MOST_SESSIONS
    end
  end
  if not is_crowded then return 1 end
end

