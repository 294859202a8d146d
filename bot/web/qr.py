"""An address as a QR code, for the phone beside the desk."""

import segno
from markupsafe import Markup

_QUIET = 4  # modules around it, white in dark mode too: many readers know no others


def svg(address: str) -> Markup:
    """Black on white, without a size of its own; what it is for says the page."""
    code = segno.make_qr(address, error="m")
    return Markup(code.svg_inline(border=_QUIET, dark="#000", light="#fff", omitsize=True))  # noqa: S704  # drawn by us
