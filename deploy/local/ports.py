"""Whether a loopback port is free, and who holds it when it is not."""

import secrets
import socket

import psutil

from deploy.local.failures import PortTaken


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something accepts connections on this port."""
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, all different."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def free_port_base(count: int = 9) -> int:
    """Where `count` free ports in a row begin, below those the system hands out by itself."""
    while True:
        base = 15_000 + 10 * secrets.randbelow(1_700)
        if all(is_free(port) for port in range(base, base + count)):
            return base


def holder(port: int) -> str:
    """The process that listens on this port, in words, or nothing when the system will not say."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.Error:
        return ""
    for connection in connections:
        listens = connection.status == psutil.CONN_LISTEN
        if listens and connection.laddr and connection.laddr.port == port and connection.pid:
            return _in_words(connection.pid)
    return ""


def require_free(port: int, wanted_by: str) -> None:
    """Says plainly which port is taken, who wants it and, where possible, who holds it."""
    if is_free(port):
        return
    by = holder(port)
    held = f"it is held by {by}" if by else "another process holds it"
    raise PortTaken(
        f"Port {port}, wanted by {wanted_by}, is taken: {held}. "
        "Stop that process, or start with other ports (--port-base N)."
    )


def _in_words(pid: int) -> str:
    try:
        return f"{psutil.Process(pid).name()} (process {pid})"
    except psutil.Error:
        return f"process {pid}"
