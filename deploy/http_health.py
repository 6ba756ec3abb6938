"""Is this container's process ready? `python -m deploy.http_health [PORT]` exits 0 if it is."""

import http.client
import os
import sys

SECONDS = 4


def ready(port: int) -> bool:
    """Whether `/health/ready` on loopback answers 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    asked = sys.argv[1:] or [os.environ.get("SCRUTINY_HTTP_PORT", "8000")]
    raise SystemExit(0 if ready(int(asked[0])) else 1)
