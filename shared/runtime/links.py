"""Links to this API that leave it: on a certificate, in a QR code."""

import re

# Stands for the name under which a request came.
SAME_NAME = "-"
_DOMAIN = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?", re.ASCII)
_LOOPBACK = ("127.0.0.1", "localhost")


def public_link(public_url: str, domain: str, path: str) -> str:
    """Return the link: under the operator's public URL, or the name that the gateway was asked by.

    A gateway answers to its own names only, so nobody else's can be brought in. Without any sound
    name the path stands alone.
    """
    if public_url != SAME_NAME:
        return public_url.rstrip("/") + path
    if _DOMAIN.fullmatch(domain) is None:
        return path
    scheme = "http" if domain.partition(":")[0] in _LOOPBACK else "https"
    return f"{scheme}://{domain}{path}"
