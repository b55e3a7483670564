"""Who counts as one caller where nobody is signed in."""

from __future__ import annotations

import ipaddress


def network(address: str) -> str:
    """The address, or the network of an IPv6 one, since its owner has 2^64 of them.

    What is no address is all one caller.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((found.packed[:8] + bytes(8), 64)))
