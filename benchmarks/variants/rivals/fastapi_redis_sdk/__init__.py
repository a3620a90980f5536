"""fastapi-redis-sdk, Redis' own integration with FastAPI, by its ``CacheBackend``."""
