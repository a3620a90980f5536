"""A Redis Cluster of our own on this machine, to use and to break."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from redis import RedisCluster, RedisError
from redis.crc import REDIS_CLUSTER_HASH_SLOTS as SLOTS

from benchmarks.coherence.fleet import OwnRedis
from benchmarks.stack.ports import HOST, held_port
from tests.waiting import until

NODE_TIMEOUT_MS = 500
"""After how long the nodes give one up, in place of 15 s."""
_PRIMARIES = 3


class OwnCluster:
    """Three primaries with a replica each; made whole by ``running_cluster``."""

    def __init__(self, folder: Path, exits: ExitStack) -> None:
        self.nodes: list[OwnRedis] = []
        self._bus_ports = [exits.enter_context(held_port()) for _ in range(2 * _PRIMARIES)]
        for number, bus_port in enumerate(self._bus_ports):
            options = {
                "--cluster-enabled": "yes",
                "--cluster-config-file": "nodes.conf",
                "--cluster-port": str(bus_port),
                "--cluster-node-timeout": str(NODE_TIMEOUT_MS),
                "--cluster-replica-validity-factor": "0",
                "--repl-diskless-sync-delay": "0",
                # A replica counts once it was told anything, and an idle primary pings it at last.
                "--repl-ping-replica-period": "1",
            }
            extra = [part for option in options.items() for part in option]
            self.nodes.append(OwnRedis(folder / f"node-{number}", extra))
            exits.callback(self.nodes[-1].discard)

    @property
    def url(self) -> str:
        """What a service is given."""
        return "redis+cluster://" + ",".join(f"{HOST}:{node.port}" for node in self.nodes)

    def ask(self, number: int, *command: str | int) -> Any:
        """Return a node's answer as it comes; raises ``RedisError``."""
        with self.nodes[number].client() as client:
            return client.execute_command(*command)

    def form(self) -> None:
        """Make a cluster of fresh nodes, and return when it is whole."""
        count, size = len(self.nodes), _PRIMARIES
        for number in range(count):
            # A node that knows another one takes no epoch any more.
            self.ask(number, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for number in range(count):
            for other in range(number + 1, count):
                port, bus_port = self.nodes[other].port, self._bus_ports[other]
                self.ask(number, "CLUSTER", "MEET", HOST, port, bus_port)
        for number in range(size):
            start, end = SLOTS * number // size, SLOTS * (number + 1) // size - 1
            self.ask(number, "CLUSTER", "ADDSLOTSRANGE", start, end)
        ids = [self.node_id(number) for number in range(size)]
        for number in range(size, count):
            replicates = partial(self.ask, number, "CLUSTER", "REPLICATE", ids[number % size])
            _until(replicates, "the replica follows")
        self.wait_whole()

    def give_up_after(self, ms: int) -> None:
        """Set after how long the nodes give one up."""
        for number in range(len(self.nodes)):
            self.ask(number, "CONFIG", "SET", "cluster-node-timeout", ms)

    def node_id(self, number: int) -> str:
        """Return the name by which the other nodes know it."""
        return text(self.ask(number, "CLUSTER", "MYID"))

    def primary_of(self, key: str) -> int:
        """Return the number of the node that holds a key of a whole cluster."""
        with RedisCluster(host=HOST, port=self.nodes[0].port) as client:
            return self._number(client.get_node_from_key(key).port)

    def replica_of(self, number: int) -> int:
        """Return the number of a node that follows this one."""
        replicas = text(self.ask(number, "CLUSTER", "REPLICAS", self.node_id(number)))
        # A line is ``id host:port@bus flags ...``.
        address, _, _ = replicas.splitlines()[0].split()[1].partition("@")
        return self._number(int(address.rpartition(":")[2]))

    def fail_over(self, replica: int) -> None:
        """Make a replica the primary, in order, and return when the cluster is whole."""
        self.ask(replica, "CLUSTER", "FAILOVER")
        self.wait_until_primary(replica)
        self.wait_whole()

    def wait_until_primary(self, number: int) -> None:
        """Return when a node thinks that it is a primary."""
        _until(lambda: self.is_primary(number), "the replica is promoted")

    def is_primary(self, number: int) -> bool:
        """Tell whether a node thinks that it is one."""
        return text(self.ask(number, "ROLE")[0]) == "master"

    def wait_whole(self) -> None:
        """Return when every node is up, agrees with the others, and each replica has its data."""
        _until(self._is_whole, "the cluster is whole")

    def _is_whole(self) -> bool:
        views = {self._view(number) for number in range(len(self.nodes))}
        if len(views) != 1 or "" in views:
            return False
        return all(self._is_synced(number) for number in range(len(self.nodes)))

    def _view(self, number: int) -> str:
        """Return what a node believes, empty for one that is not content."""
        info = text(self.ask(number, "CLUSTER", "INFO"))
        slots = self.ask(number, "CLUSTER", "SLOTS")
        members = {int(member[1]) for row in slots for member in row[2:]}
        if "cluster_state:ok" not in info or len(members) != len(self.nodes):
            return ""
        return str(sorted((row[0], row[1], int(row[2][1])) for row in slots))

    def _is_synced(self, number: int) -> bool:
        role = self.ask(number, "ROLE")
        return text(role[0]) == "master" or text(role[3]) == "connected"

    def _number(self, port: int) -> int:
        return [node.port for node in self.nodes].index(port)


@contextmanager
def running_cluster(folder: Path) -> Iterator[OwnCluster]:
    """Run three primaries and three replicas; however the block is left, they are ended."""
    with ExitStack() as exits:
        cluster = OwnCluster(folder, exits)
        cluster.form()
        yield cluster


_until = partial(until, not_yet=(RedisError,))


def text(part: Any) -> str:
    """Return what a server said as text, of a list a line each."""
    if isinstance(part, Sequence) and not isinstance(part, bytes | str):
        return "\n".join(text(each) for each in part)
    return part.decode() if isinstance(part, bytes) else str(part)
