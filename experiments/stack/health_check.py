"""Health check of the web server in a container."""

import os
import sys

from experiments.stack.addresses import Address, host_header, says_alive


def main() -> int:
    """Status 0 when /healthz answers."""
    address = Address(os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or "8000"))
    allowed = os.environ.get("ALLOWED_HOSTS", "").split(",")
    return 0 if says_alive(address, host_header=host_header(allowed)) else 1


if __name__ == "__main__":
    sys.exit(main())
