-- A reader missed: return the value if one came meanwhile, else grant the right to fill.
-- KEYS: the user's marks, then slots. ARGV: fill token, milliseconds the right lasts.
-- Returns per slot: a string beginning with V (the value), or one of the words
-- absent, invalidated (granted; what the slot held), filling, writing (refused).
-- Nothing is deleted first: a script that deleted may write even when Redis is out of memory.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local writing = redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf') > 0
local answers = {}
for i = 2, #KEYS do
  local held = redis.pcall('GET', KEYS[i])
  local kind = type(held) == 'string' and string.sub(held, 1, 1)
  if kind == 'V' then
    answers[i - 1] = held
  elseif kind == 'L' then
    answers[i - 1] = 'filling'
  elseif writing then
    answers[i - 1] = 'writing'
  else
    redis.call('SET', KEYS[i], 'L' .. ARGV[1], 'PX', ARGV[2])
    answers[i - 1] = kind == 'X' and 'invalidated' or 'absent'
  end
end
return answers
