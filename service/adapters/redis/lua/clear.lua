-- A writer has committed: empty its slots, which voids every fill token, and take its mark away.
-- KEYS: the user's marks, then slots. ARGV: writer token, milliseconds a trace may live.
-- The trace 'X' only tells the next reader why the slot is empty; losing it does no harm.
for i = 2, #KEYS do
  redis.call('DEL', KEYS[i])
  redis.pcall('SET', KEYS[i], 'X', 'PX', ARGV[2])
end
redis.call('ZREM', KEYS[1], ARGV[1])
return 1
