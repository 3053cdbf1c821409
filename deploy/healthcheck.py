"""Exit 0 if the process on the given port of this machine is ready: `python -IS deploy/healthcheck.py 8080`.

Run by the container engine again and again, so it imports nothing that takes long.
"""

import socket
import sys

TIMEOUT_S = 4


def ready(port: int, path: str = "/health/ready") -> bool:
    """Whether the port answers GET `path` with status 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as connection:
            connection.settimeout(TIMEOUT_S)
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            return connection.recv(64).split(b" ", 2)[1:2] == [b"200"]
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if ready(int(sys.argv[1])) else 1)
