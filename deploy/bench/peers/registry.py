"""Which peers there are."""

from deploy.bench.peers.medusa import MEDUSA
from deploy.bench.peers.peer import Peer
from deploy.bench.peers.vendure import VENDURE

PEERS: dict[str, Peer] = {"medusa": MEDUSA, "vendure": VENDURE}
