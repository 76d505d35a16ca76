"""QR codes as modules; the library is imported by nobody else, and so by few functions only."""

import segno

from shared.domain.drawing import Modules


def qr_modules(text: str) -> Modules:
    """Return the rows of a QR code, True for dark, without the quiet zone around it.

    A quarter of it may be unreadable, as on paper that was folded.
    """
    code = segno.make_qr(text, error="q", boost_error=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)
