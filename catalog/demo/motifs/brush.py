"""Strokes and fills for the motifs: each returns a piece of SVG, lit from the upper left.

The canvas is 1200 by 1200. Standing things stand on y = 960; lying and hanging things are centered on 600, 600.
"""

from collections.abc import Callable
from dataclasses import dataclass

from catalog.demo import palette

GROUND = 960


@dataclass(frozen=True)
class Ink:
    """The colors to draw one motif in; `pattern` names a paint to lay over its body, or is empty."""

    base: str
    pattern: str

    @property
    def light(self) -> str:
        return palette.lighter(self.base)

    @property
    def dark(self) -> str:
        return palette.darker(self.base)

    @property
    def deep(self) -> str:
        return palette.darker(self.base, 0.45)

    @property
    def accent(self) -> str:
        return palette.accent(self.base)


Draw = Callable[[Ink], str]


@dataclass(frozen=True)
class Motif:
    """A thing to draw in one or more shapes.

    `stance` is stands, lies or hangs, `apart` the numbers of shapes that hang though the others stand; `reach` is
    half the width; `grown` enlarges small standing things; those `alone` are never shown in pairs.
    """

    stance: str
    reach: int
    shapes: tuple[Draw, ...]
    grown: float = 1
    apart: tuple[int, ...] = ()
    alone: bool = False

    def stance_of(self, form: int) -> str:
        return "hangs" if form in self.apart else self.stance


def body(ink: Ink, outline: str) -> str:
    """The part of a thing that carries its color and pattern."""
    over = flat(outline, ink.pattern) if ink.pattern else ""
    return flat(outline, ink.base) + over + flat(outline, "url(#shade)")


def woven(ink: Ink, outline: str) -> str:
    """A body of willow."""
    return body(ink, outline) + flat(outline, "url(#weave)")


def part(outline: str, colour: str) -> str:
    return flat(outline, colour) + flat(outline, "url(#shade)")


def flat(outline: str, colour: str, opacity: float = 1) -> str:
    faded = f' opacity="{opacity}"' if opacity < 1 else ""
    return f'<path d="{outline}" fill="{colour}"{faded}/>'


def line(course: str, colour: str, width: float, opacity: float = 1) -> str:
    faded = f' opacity="{opacity}"' if opacity < 1 else ""
    stroke = f'stroke="{colour}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round"'
    return f'<path d="{course}" fill="none" {stroke}{faded}/>'


def dashes(course: str, colour: str, width: float = 4) -> str:
    """Stitches."""
    stroke = f'stroke="{colour}" stroke-width="{width}" stroke-dasharray="16 12" stroke-linecap="round"'
    return f'<path d="{course}" fill="none" {stroke} opacity=".7"/>'


def gleam(course: str, width: float = 16) -> str:
    return line(course, "#fff", width, 0.38)


def box(x: float, y: float, wide: float, high: float, r: float = 0) -> str:
    if not r:
        return f"M{x:g} {y:g}h{wide:g}v{high:g}h{-wide:g}z"
    across, down = wide - 2 * r, high - 2 * r
    return (
        f"M{x + r:g} {y:g}h{across:g}q{r:g} 0 {r:g} {r:g}v{down:g}q0 {r:g} {-r:g} {r:g}"
        f"h{-across:g}q{-r:g} 0 {-r:g} {-r:g}v{-down:g}q0 {-r:g} {r:g} {-r:g}z"
    )


def disc(x: float, y: float, wide: float, high: float | None = None) -> str:
    """An ellipse by its center and radii."""
    high = wide if high is None else high
    return f"M{x - wide:g} {y:g}a{wide:g} {high:g} 0 1 1 {2 * wide:g} 0a{wide:g} {high:g} 0 1 1 {-2 * wide:g} 0z"


def turned(drawing: str, angle: float, x: float = 600, y: float = 600) -> str:
    return f'<g transform="rotate({angle:g} {x:g} {y:g})">{drawing}</g>'


def moved(drawing: str, x: float, y: float, scale: float = 1) -> str:
    sized = f" scale({scale:g})" if scale != 1 else ""
    return f'<g transform="translate({x:g} {y:g}){sized}">{drawing}</g>'


def mirrored(drawing: str) -> str:
    """The same thing facing the other way."""
    return f'<g transform="translate(1200 0) scale(-1 1)">{drawing}</g>'


def sprig(x: float, y: float, colour: str = palette.LEAF) -> str:
    """A stem with five leaves growing up from a point, about 300 tall."""
    leaves = ((0, -300, 0), (-8, -90, -52), (8, -120, 50), (-6, -190, -44), (6, -220, 42))
    blades = "".join(
        turned(flat(f"M{x + dx} {y + dy}q-44 -50 0 -130q44 80 0 130z", colour), angle, x + dx, y + dy)
        for dx, dy, angle in leaves
    )
    return line(f"M{x} {y}V{y - 310}", palette.DARK_LEAF, 10) + blades
