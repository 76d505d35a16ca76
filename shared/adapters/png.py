"""Pictures as pixels, drawn with our own fonts and nothing of the machine that draws them."""

from pathlib import Path

PNG_TYPE = "image/png"
FAMILY = "Noto Sans SC"
FONTS = Path(__file__).parent / "fonts"
# What CSS takes a millimetre by; without it, whatever is measured so has no size.
DPI = 96
# In this order: whatever the bold font lacks is found in the regular one.
_FILES = [str(FONTS / name) for name in ("regular.ttf", "bold.ttf")]


def png(picture: str, *, width: int) -> bytes:
    """Return an SVG as a PNG of that width; texts in it need characters that are drawable."""
    # Imported when first needed: whoever asks for the page or the SVG does without it.
    from resvg_py import svg_to_bytes  # noqa: PLC0415

    return svg_to_bytes(
        svg_string=picture,
        width=width,
        dpi=DPI,
        skip_system_fonts=True,
        font_files=_FILES,
        font_family=FAMILY,
        serif_family=FAMILY,
        sans_serif_family=FAMILY,
        text_rendering="geometric_precision",
    )
