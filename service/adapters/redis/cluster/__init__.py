"""Several Redis servers as one memory: a Redis Cluster, or a primary with Sentinels."""
