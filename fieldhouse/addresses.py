"""Web addresses: what may be shown of them, whose they are, and where a redirect may lead."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

from fieldhouse.errors import SourceUnavailable

SECRET = re.compile(r"token|secret|passw|credential|signature|api_?key|(^|[-_.])(key|sig|pwd|auth)$", re.IGNORECASE)


def public_url(url: str) -> str:
    """Return ``url`` as it may be shown: without user and password, and without what its query calls a secret."""
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that do not close
        return url.partition("?")[0].rpartition("@")[2]
    netloc = parts.netloc.rpartition("@")[2]
    query = "&".join(_public_pair(pair) for pair in parts.query.split("&"))
    return urlunsplit((parts.scheme, netloc, parts.path, query, ""))


def _public_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}=***" if equals and SECRET.search(name) else pair


def host_of(url: str) -> str:
    """Return ``host[:port]``."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def is_web_address(url: str) -> bool:
    """Return whether ``url`` names a host by http or https."""
    return url.lower().startswith(("http://", "https://")) and bool(host_of(url))


def next_address(url: str, location: str) -> str:
    """Return where a redirect leads.

    :raises SourceUnavailable: to somewhere that is not the web, or from a safe connection to an open one.
    """
    following = urljoin(url, location)
    if not is_web_address(following) or (url.startswith("https:") and not following.startswith("https:")):
        raise SourceUnavailable(
            f"{public_url(url)} redirects to {public_url(following)}, where nobody should follow: "
            "has the address changed?"
        )
    return following
