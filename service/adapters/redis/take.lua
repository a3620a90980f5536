-- Admit a request if fewer than ARGV[1] were admitted in the last ARGV[2] microseconds.
-- KEYS[1] sorted set of admitted requests by instant; ARGV[3] the ticket of this one.
-- Returns {admitted, remaining, microseconds until one more place is free}.
-- The server's clock decides, so that clients with wrong clocks count alike.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
-- Later than now are those that were counted before the clock was set back: they would never end.
redis.call('ZREMRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')
local admitted = 0
local used = redis.call('ZCARD', KEYS[1])
if used < limit then
  redis.call('ZADD', KEYS[1], now, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
  admitted = 1
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {admitted, limit - used - admitted, oldest[2] + window - now}
