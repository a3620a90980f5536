-- A reader has loaded: store each value where its token still stands, else do nothing.
-- KEYS: slots. ARGV: fill token, then per slot a value and its milliseconds to live ('' and 0:
-- nothing to store, give the token back). Answers per slot 1 where the value was stored, else 0.
local stored = {}
for i = 1, #KEYS do
  stored[i] = 0
  if redis.pcall('GET', KEYS[i]) == 'L' .. ARGV[1] then
    local value, ttl = ARGV[2 * i], ARGV[2 * i + 1]
    if value ~= '' then
      redis.call('SET', KEYS[i], 'V' .. value, 'PX', ttl)
      stored[i] = 1
    else
      redis.call('DEL', KEYS[i])
    end
  end
end
return stored
