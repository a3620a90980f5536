"""Run the service with the fastapi-redis-sdk layer: the flags of ``python -m service``."""

import sys

from service.server import serve

if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.fastapi_redis_sdk.layer", "from_environment"))
