"""Redis Cluster and Sentinel: real processes, broken under load, with every read checked."""
