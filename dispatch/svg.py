"""Elements of an SVG document, every text of theirs escaped; and what the parts of a picture share."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

PAGE_W = 1000
MARGIN = 20
INK, SOFT, ALARM, PAPER = "#222222", "#777777", "#cc0000", "#ffffff"
# Distinguishable with every common colour vision: Okabe & Ito 2008, without its yellow, too pale for paper.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#000000")
SHAPES = {
    "green": "M-7,0a7,7 0 1,0 14,0a7,7 0 1,0 -14,0z",
    "red": "M-7,-7h14v14h-14z",
    "pickup": "M-8,7h16l-8,-16z",
    "left": "M-5,-5L5,5M-5,5L5,-5",
    "shelf": "M-7,-7v14M7,-7v14M-7,-4h14M-7,1h14M-7,6h14",
    "base": "M0,-9l9,9l-9,9l-9,-9z",
}


def tag(name: str, *inside: str, **attributes: object) -> str:
    """Return an element; ``inside`` is SVG already, attributes are escaped, numbers have one digit."""
    said = "".join(
        f" {key.replace('_', '-')}={quoteattr(_value(value))}" for key, value in attributes.items()
    )
    return f"<{name}{said}>{''.join(inside)}</{name}>" if inside else f"<{name}{said}/>"


def text(words: str, x: float, y: float, **attributes: object) -> str:
    """Return words at a place, eleven high unless ``font_size`` says otherwise."""
    return tag("text", plain(words), **({"x": x, "y": y, "font_size": 11, "fill": INK} | attributes))


def title(words: str) -> str:
    """Return what a pointer at the element around it is told."""
    return tag("title", plain(words))


def shape(kind: str, x: float, y: float, *inside: str, **attributes: object) -> str:
    """Return one of SHAPES at a place."""
    look: dict[str, object] = {"fill": PAPER, "stroke": INK, "stroke_width": 2}
    return tag(
        "path", *inside, d=SHAPES[kind], transform=f"translate({x:.1f} {y:.1f})", **(look | attributes)
    )


def plain(words: str) -> str:
    """Return words fit for XML: what cannot be printed is a question mark."""
    return escape("".join(c if c.isprintable() else "?" for c in words)) or " "


def letters(number: int) -> str:
    """Return A, B, … Z, AA, …: the short name of the route with that number from 0."""
    return (letters(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)


def colour(number: int) -> str:
    """Return the colour of the route with that number."""
    return COLOURS[number % len(COLOURS)]


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    return "".join(c if c.isprintable() else "?" for c in str(value))
