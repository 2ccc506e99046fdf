-- Takes permits of a window that slides: what `limits/window.rs` does, by the clock of Redis, so that the clocks of servers do not
-- matter. KEYS[1] is the window; ARGV are the count and the period in ms of its limit, and the most permits to take.
-- Gives how many were taken, how many there are beside them, and for how long they are good in ms; where there are none, 0, 0, and
-- after how many ms there may be one.
local count, period, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 'start', 'current', 'previous')
local start, current, previous = tonumber(kept[1]) or now, tonumber(kept[2]) or 0, tonumber(kept[3]) or 0

-- The periods as they are now, and how far the current one has come.
local elapsed = now - start
if elapsed < -period or elapsed >= 2 * period then
  current, previous = 0, 0
elseif elapsed >= period then
  start, current, previous, elapsed = start + period, 0, current, elapsed - period
elseif elapsed < 0 then
  elapsed = 0
end
if current == 0 and previous == 0 then
  start, elapsed = now, 0
end

local room = count - current - math.floor(previous * (period - 1 - elapsed) / period)
if room <= 0 then
  -- How far a period has come when at most `left` of those `before` it count.
  local function passed(left, before)
    return math.max(0, period - math.ceil((left + 1) * period / math.max(1, before)))
  end
  if current < count then
    return {0, 0, math.max(0, passed(count - 1 - current, previous) - elapsed)}
  end
  return {0, 0, period - elapsed + passed(count - 1, current)}
end

local taken = math.min(room, most)
redis.call('HSET', KEYS[1], 'start', start, 'current', current + taken, 'previous', previous)
redis.call('PEXPIRE', KEYS[1], 2 * period)
return {taken, room - taken, period - elapsed}
