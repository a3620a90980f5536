"""What each container of the compose files is: the table that ``config`` is held against."""

from collections.abc import Mapping
from typing import Any

HEALTHY, ENDED, STARTED = "service_healthy", "service_completed_successfully", "service_started"
PORTS = {
    "CACHED": 8000,
    "UNCACHED": 8001,
    "LOCUST": 8089,
    "JUPYTER": 8888,
    "GRAFANA": 3000,
    "PROMETHEUS": 9090,
}

Row = Mapping[str, Any]
Table = Mapping[str, Row]

_BOTH, _BACK, _FRONT = {"front", "back"}, {"back"}, {"front"}
_SECRETS = "secrets:/run/fivefold:ro"
_REPORTS = "{REPORTS}:/app/reports:rw"
_WITH_PASSWORD = ["redis-server", "--include", "/run/fivefold/REDIS_CONF"]
_NOTHING_KEPT = ["--save", "", "--appendonly", "no"]
_EVICTS = ["--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru"]
_CLUSTERED = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"]

_REDIS: Row = {
    "image": "redis:8.2.8",
    "command": [*_WITH_PASSWORD, *_NOTHING_KEPT, *_EVICTS],
    "mounts": {_SECRETS},
    "networks": _BACK,
    "health": ["CMD", "redis-cli", "ping"],
    "after": {"secrets": ENDED},
}
_NODE: Row = {**_REDIS, "command": [*_REDIS["command"], *_CLUSTERED]}
_NODES = ("redis", "redis-2", "redis-3", "redis-4", "redis-5", "redis-6")
# Its user and its health check are the image's.
_REPLICA: Row = {
    "image": "fivefold-service:local",
    "mounts": {_SECRETS},
    "networks": _BOTH,
    "after": {"setup": ENDED, "mongo": STARTED, "redis": STARTED},
    "confined": True,
}
_LOCUST: Row = {
    "image": "fivefold-harness:local",
    "mounts": {_SECRETS},
    "networks": _BOTH,
    "confined": True,
}
_SET_UP = {"setup": ENDED, "redis-measure": STARTED}

ALONE: Table = {
    "secrets": {
        "image": "fivefold-service:local",
        "target": "service",
        "user": "root",
        "command": ["python3", "deploy/setup.py", "secrets", "/run/fivefold"],
        "mounts": {"secrets:/run/fivefold:rw"},
        "networks": _BACK,
        "health": ["NONE"],
    },
    "setup": {
        "image": "fivefold-service:local",
        "user": "root",
        "command": ["python3", "deploy/setup.py", "mongo", "/run/fivefold", "mongo:27017"],
        "mounts": {_SECRETS},
        "networks": {"service:mongo"},
        "health": ["NONE"],
        "after": {"mongo": STARTED},
    },
    "mongo": {
        "image": "mongo:8.0.17",
        "command": [
            *("mongod", "--quiet", "--bind_ip_all", "--replSet", "rs0"),
            *("--setParameter", "enableTestCommands=1"),
            *("--keyFile", "/run/fivefold/MONGODB_KEY"),
            *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
        ],
        "mounts": {"mongo:/data/db:rw", _SECRETS},
        "networks": _BACK,
        "health": ["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/27017"],
        "after": {"secrets": ENDED},
    },
    "redis": _REDIS,
    "redis-measure": {**_REDIS, "profiles": ["compare", "notebooks"]},
    "service-cached": {**_REPLICA, "ports": {"{CACHED}:8000"}},
    "service-uncached": {**_REPLICA, "ports": {"{UNCACHED}:8000"}},
    "locust-master": {
        **_LOCUST,
        "target": "harness",
        "command": ["deploy/load"],
        "ports": {"{LOCUST}:8089"},
        "health": ["CMD", "healthy", "8089", "/"],
        "after": {"setup": ENDED},
    },
    "locust-worker": {
        **_LOCUST,
        "command": [
            *("locust", "-f", "benchmarks/locustfile.py"),
            *("--worker", "--master-host", "locust-master"),
        ],
        "after": dict.fromkeys(("locust-master", "service-cached", "service-uncached"), HEALTHY),
    },
    "addresses": {
        "image": "fivefold-service:local",
        "command": [
            *("python3", "deploy/addresses.py", "http://locust-master:8089/stats/requests"),
            "the live page         http://127.0.0.1:{LOCUST}/fivefold",
            "Locust                http://127.0.0.1:{LOCUST}",
            "the cached service    http://127.0.0.1:{CACHED}/docs",
            "the uncached service  http://127.0.0.1:{UNCACHED}/docs",
        ],
        "networks": _FRONT,
        "health": ["NONE"],
        "after": {"locust-worker": STARTED},
        "confined": True,
    },
    "compare": {
        "image": "fivefold-compare:local",
        "target": "harness",
        "user": "root",
        "entrypoint": ["entrypoint", "fivefold", "compare"],
        "mounts": {_SECRETS, _REPORTS},
        "networks": _BACK,
        "after": _SET_UP,
        "profiles": ["compare"],
    },
    "notebooks": {
        "image": "fivefold-notebooks:local",
        "target": "notebooks",
        "user": "root",
        "ports": {"{JUPYTER}:8888"},
        "mounts": {_SECRETS, _REPORTS, "notebooks:/app/notebooks:rw"},
        "networks": _BOTH,
        "health": ["CMD", "healthy", "8888", "/api"],
        "after": _SET_UP,
        "profiles": ["notebooks"],
    },
    "prometheus": {
        "image": "prom/prometheus:v3.5.0",
        "ports": {"{PROMETHEUS}:9090"},
        "mounts": {"deploy/prometheus:/etc/prometheus:ro", "prometheus:/prometheus:rw"},
        "networks": _FRONT,
        "profiles": ["monitoring"],
    },
    "grafana": {
        "image": "grafana/grafana:12.1.0",
        "ports": {"{GRAFANA}:3000"},
        "mounts": {
            _SECRETS,
            "deploy/grafana/provisioning:/etc/grafana/provisioning:ro",
            "deploy/grafana/dashboards:/var/lib/grafana/dashboards:ro",
        },
        "networks": _FRONT,
        "after": {"setup": ENDED, "prometheus": STARTED},
        "profiles": ["monitoring"],
    },
}
SCALED: Table = {
    **ALONE,
    "service-replica": _REPLICA,
    "service-cached": {
        **ALONE["service-cached"],
        "image": "haproxy:3.0.10",
        "command": ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"],
        "mounts": {
            _SECRETS,
            "deploy/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro",
            "deploy/healthy:/usr/local/bin/healthy:ro",
        },
        "health": ["CMD", "healthy", "8000", "/readyz"],
        "after": {**_REPLICA["after"], "service-replica": HEALTHY},
    },
    "prometheus": {
        **ALONE["prometheus"],
        "command": [
            "--config.file=/etc/prometheus/prometheus.scale.yml",
            "--storage.tsdb.path=/prometheus",
        ],
    },
}
CLUSTERED: Table = {
    **ALONE,
    **dict.fromkeys(_NODES, _NODE),
    "redis-cluster": {
        "image": "redis:8.2.8",
        "command": ["sh", "/join-cluster", *_NODES],
        "mounts": {_SECRETS, "deploy/join-cluster:/join-cluster:ro"},
        "networks": _BACK,
        "health": ["NONE"],
        "after": dict.fromkeys(_NODES, STARTED),
    },
    "service-cached": {
        **ALONE["service-cached"],
        "after": {**_REPLICA["after"], "redis-cluster": ENDED},
    },
}


def promised(table: Table, ports: Mapping[str, int], reports: str) -> dict[str, dict[str, Any]]:
    """Return the table with these ports published and the reports in this folder."""
    given = {"REPORTS": reports, **ports}

    def filled(name: str, value: Any) -> Any:
        if name not in {"ports", "mounts", "command"}:
            return value
        return type(value)(each.format_map(given) for each in value)

    return {
        service: {name: filled(name, value) for name, value in row.items()}
        for service, row in table.items()
    }
