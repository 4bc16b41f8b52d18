"""Where phones on the same network reach this machine."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from urllib.parse import urlsplit

PRIVATE = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8"),
        *("100.64.0.0/10", "169.254.0.0/16", "192.0.2.0/24", "198.18.0.0/15"),  # carriers, no router, laboratories
    )
)
"""Networks that the internet does not lead to."""

LOCAL_NAMES = ("local", "localhost")
"""Names that mean something on this network only, with all under them."""

ASK_INTERFACE = 0x8915
"""SIOCGIFADDR of Linux: the address of a network interface."""


def is_private(host: str) -> bool:
    """Whether ``host`` (an IPv4 address or a name) means a machine of one's own network and no other."""
    try:
        return any(ipaddress.IPv4Address(host) in net for net in PRIVATE)
    except ValueError:
        return host.isascii() and any(host == name or host.endswith(f".{name}") for name in LOCAL_NAMES)


def addresses() -> list[str]:
    """Private IPv4 addresses of this machine, first the one from which it reaches others; without its loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        found = [_towards_others(), *(_of_interface(probe, name) for _, name in socket.if_nameindex())]
    return list(dict.fromkeys(one for one in found if one and is_private(one) and not one.startswith("127.")))


def _towards_others() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address of nobody: the way there is looked up, nothing is sent
        except OSError:
            return None
        return str(probe.getsockname()[0])


def _of_interface(probe: socket.socket, name: str) -> str | None:
    try:
        answer = fcntl.ioctl(probe, ASK_INTERFACE, struct.pack("256s", name.encode()[:15]))
    except OSError:
        return None  # this one has none
    return socket.inet_ntoa(answer[20:24])


def own_name() -> str:
    """The name under which phones may find this machine without a name server: ``hostname.local``."""
    return f"{socket.gethostname().split('.')[0].lower() or 'gatekeeper'}.local"


def hosts(base_url: str) -> list[str]:
    """Every name and address under which people may open the pages on this network."""
    told = urlsplit(base_url).hostname or ""
    known = [*addresses(), own_name(), "localhost", "127.0.0.1"]
    return list(dict.fromkeys(host for host in (told, *known) if is_private(host)))


def https_address(bind: str) -> str | None:
    """``https://`` address of a server that listens on ``bind``; None where no phone could reach this machine."""
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    if host in ("0.0.0.0", "::"):  # noqa: S104 - "every address" is none that can be opened
        host = next(iter(addresses()), "")
    return f"https://{host}:{port}" if is_private(host) else None
