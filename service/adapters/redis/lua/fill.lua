-- A reader has loaded: store each value where its token still stands, else do nothing.
-- KEYS: slots. ARGV: fill token, then per slot a value and its milliseconds to live ('' and 0:
-- nothing to store, give the token back).
local stored = 0
for i = 1, #KEYS do
  if redis.pcall('GET', KEYS[i]) == 'L' .. ARGV[1] then
    local value, ttl = ARGV[2 * i], ARGV[2 * i + 1]
    if value ~= '' then
      redis.call('SET', KEYS[i], 'V' .. value, 'PX', ttl)
      stored = stored + 1
    else
      redis.call('DEL', KEYS[i])
    end
  end
end
return stored
