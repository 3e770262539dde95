"""What the site answers where there is no page."""

from __future__ import annotations

from simulator.generated.basketball_reference.pages.frame import View, document

TITLE = "Page Not Found (404 error)"


def not_found_page(view: View) -> bytes:
    """Return the page that says so."""
    return document(view, TITLE, ("<p>There is no page at this address, or not yet.</p>\n",))
