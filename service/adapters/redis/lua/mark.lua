-- A writer is about to commit: empty its slots, and leave a mark that keeps readers from filling.
-- KEYS: the user's marks, then slots. ARGV: writer token, milliseconds the mark may live.
-- Deleting comes first: after it the script may write even when Redis is out of memory.
for i = 2, #KEYS do
  redis.call('DEL', KEYS[i])
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2] + 1000)
return 1
