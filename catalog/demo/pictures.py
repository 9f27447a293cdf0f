"""Draws the demo catalog's pictures: a motif in its colors, on a soft backdrop, as a small SVG file."""

import zlib
from collections.abc import Iterator
from pathlib import Path

from catalog.demo import departments, motifs, palette
from catalog.demo.compose import Picture, Sketch
from catalog.demo.motifs.brush import GROUND, Ink, Motif, box, disc, flat, moved, turned

_BACKDROPS = ("#f3e9da", "#e6ebe2", "#e9e4ee", "#f6e3d8", "#e1eaee", "#f4eccf", "#ece5dd", "#dfe7df")
_BEHIND_PALE_THINGS = ("#cbd6d0", "#dcc4b6", "#c4d0dc", "#d5c9da", "#d3d5bd")
_CLEARLY_APART = 90
_FLOOR = 850


def draw(directory: Path) -> int:
    """Write every picture the records name below the directory; how many those are, old and new.

    A file that already holds the same drawing is left untouched.
    """
    count = 0
    for picture in _pictures():
        target = directory / picture.path
        drawing = _svg(picture).encode()
        count += 1
        if target.exists() and target.read_bytes() == drawing:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(drawing)
    return count


def _pictures() -> Iterator[Picture]:
    for product in departments.products():
        yield from product.pictures


def _svg(picture: Picture) -> str:
    sketch = picture.sketch
    motif = motifs.MOTIFS[sketch.motif]
    hues = [palette.NAMED[name] for name in sketch.colours]
    wall = _wall(picture.path, hues)
    drawings = [motif.shapes[sketch.form](_ink(sketch, hue, number)) for number, hue in enumerate(hues)]
    patterns = "".join(_pattern(sketch.pattern, hue, number) for number, hue in enumerate(hues))
    scene = _backdrop(picture.path, motif.stance_of(sketch.form), wall) + _arranged(sketch, motif, drawings)
    used = "".join(paint for name, paint in _PAINTS.items() if f"url(#{name})" in scene)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 1200" width="1200" height="1200">'
        f"<defs>{used}{patterns}</defs>{scene}</svg>\n"
    )


def _ink(sketch: Sketch, hue: str, number: int) -> Ink:
    return Ink(hue, "" if sketch.pattern == "plain" else f"url(#pattern{number})")


def _wall(path: str, hues: list[str]) -> str:
    """A backdrop none of the colors drowns in."""
    start = zlib.crc32(path.encode()) % len(_BACKDROPS)
    in_turn = _BACKDROPS[start:] + _BACKDROPS[:start]
    apart = (wall for wall in in_turn if all(palette.distance(wall, hue) > _CLEARLY_APART for hue in hues))
    return next(apart, _BEHIND_PALE_THINGS[start % len(_BEHIND_PALE_THINGS)])


def _backdrop(path: str, stance: str, wall: str) -> str:
    """A wall with a floor for what stands; a table top, or a wall alone, for the rest."""
    scene = flat(box(0, 0, 1200, 1200), wall)
    shape = zlib.crc32(f"{path}/shape".encode()) % 3
    pale = palette.mix(wall, "#ffffff", 0.4)
    if shape == 0:
        scene += flat(disc(600, 560, 470), pale)
    elif shape == 1:
        scene += flat("M170 1200V560A430 430 0 0 1 1030 560V1200Z", pale)
    elif stance != "stands":
        scene += flat("M0 1200L1200 300V1200Z", pale)
    if stance == "stands":
        scene += flat(box(0, _FLOOR, 1200, 1200 - _FLOOR), palette.mix(wall, "#a98f78", 0.24))
    return scene


def _arranged(sketch: Sketch, motif: Motif, drawings: list[str]) -> str:
    stance = motif.stance_of(sketch.form)
    grounded = [_grounded(motif, stance, drawing) for drawing in drawings]
    if sketch.view == "range":
        return _in_a_row(motif, stance, grounded)
    whole = f'<g id="one">{grounded[0]}</g>'
    if sketch.view == "close":
        return moved(whole, -340, -560 if stance == "stands" else -340, 1.6)
    if sketch.view == "second" and motif.alone:
        return moved(whole, 108, 150, 0.82)
    if sketch.view == "second" and stance == "stands":
        return '<use href="#one" transform="translate(470 290) scale(.62)"/>' + moved(whole, -70, 200, 0.84)
    if sketch.view == "second" and stance == "lies":
        return turned(moved(whole, 72, 72, 0.88), 16)
    if sketch.view == "second":
        return moved(whole, 150, 120, 0.75)
    return whole


def _in_a_row(motif: Motif, stance: str, grounded: list[str]) -> str:
    reach = motif.reach * motif.grown
    size = min(0.8, 255 / reach)
    between = min(560, 2.3 * reach * size)
    left = 600 - 600 * size - between * (len(grounded) - 1) / 2
    top = GROUND * (1 - size) if stance == "stands" else 600 * (1 - size)
    return "".join(moved(one, left + n * between, top, size) for n, one in enumerate(grounded))


def _grounded(motif: Motif, stance: str, drawing: str) -> str:
    """The drawing with its shadow, standing things at their full size."""
    if stance != "stands":
        return f'<g filter="url(#drop)">{drawing}</g>'
    standing = flat(disc(612, GROUND - 4, motif.reach * 1.12, 46), "url(#ground)") + drawing
    return moved(standing, 600 * (1 - motif.grown), GROUND * (1 - motif.grown), motif.grown)


def _pattern(name: str, hue: str, number: int) -> str:
    """The paint a body is covered with; the bands follow the outline, the rest are tiles."""
    over = palette.accent(hue)
    if name in _BANDS:
        upper, lower = _BANDS[name]
        stops = "".join(
            f'<stop offset="{at}" stop-color="{over}" stop-opacity="{solid}"/>'
            for at, solid in ((upper, 0), (upper, 0.9), (lower, 0.9), (lower, 0))
        )
        return f'<linearGradient id="pattern{number}" x2="0" y2="1">{stops}</linearGradient>'
    if name not in _TILES:
        return ""
    side, tile = _TILES[name]
    drawn = tile.replace("OVER", over)
    return (
        f'<pattern id="pattern{number}" width="{side}" height="{side}" patternUnits="userSpaceOnUse">{drawn}</pattern>'
    )


def _stops(colour: str, most: float, least: float = 0) -> str:
    return (
        f'<stop stop-color="{colour}" stop-opacity="{most}"/>'
        f'<stop offset="1" stop-color="{colour}" stop-opacity="{least}"/>'
    )


_PAINTS = {
    "shade": (
        '<linearGradient id="shade"><stop stop-color="#fff" stop-opacity=".12"/>'
        '<stop offset=".45" stop-color="#fff" stop-opacity="0"/><stop offset=".5" stop-color="#2a1c14" '
        'stop-opacity="0"/><stop offset="1" stop-color="#2a1c14" stop-opacity=".22"/></linearGradient>'
    ),
    "ground": f'<radialGradient id="ground">{_stops("#3a2a20", 0.42)}</radialGradient>',
    "glow": f'<radialGradient id="glow">{_stops("#fff6d8", 0.75)}</radialGradient>',
    "halo": f'<radialGradient id="halo">{_stops("#ffe7a3", 0.75)}</radialGradient>',
    "weave": (
        '<pattern id="weave" width="60" height="124" patternUnits="userSpaceOnUse"><path d="M4 40q16 -20 32 0m-2 62'
        'q16 -20 32 0M-26 102q16 -20 32 0" fill="none" stroke="#3a2a20" stroke-width="9" stroke-linecap="round" '
        'opacity=".4"/></pattern>'
    ),
    "drop": (
        '<filter id="drop" x="-20%" y="-20%" width="140%" height="140%"><feDropShadow dx="12" dy="22" '
        'stdDeviation="16" flood-color="#3a2a20" flood-opacity=".28"/></filter>'
    ),
}
_BANDS = {"dip": (0.58, 1), "band": (0.4, 0.56), "yoke": (0.16, 0.34)}
_TILES = {
    "stripe": (90, '<path d="M0 24H90" stroke="OVER" stroke-width="30"/>'),
    "pinstripe": (48, '<path d="M24 0V48" stroke="OVER" stroke-width="9" opacity=".75"/>'),
    "dots": (110, '<g fill="OVER"><circle cx="30" cy="30" r="18"/><circle cx="85" cy="85" r="18"/></g>'),
    "chess": (160, '<path d="M0 0H80V80H0ZM80 80H160V160H80Z" fill="OVER" opacity=".8"/>'),
    "check": (
        120,
        '<g fill="OVER" opacity=".55"><path d="M0 0H60V120H0Z"/><path d="M0 0H120V60H0Z"/></g>',
    ),
    "speckle": (
        130,
        '<g fill="OVER"><circle cx="20" cy="26" r="7"/><circle cx="74" cy="14" r="4"/><circle cx="106" cy="60" r="8"/>'
        '<circle cx="46" cy="72" r="5"/><circle cx="84" cy="108" r="6"/><circle cx="16" cy="112" r="4"/></g>',
    ),
    "leaf": (
        140,
        '<g fill="OVER"><path d="M40 90Q0 50 40 10Q80 50 40 90Z"/>'
        '<path d="M110 150Q78 116 110 80Q142 116 110 150Z" opacity=".7"/></g>',
    ),
    "wave": (80, '<path d="M0 30q20 -30 40 0t40 0" fill="none" stroke="OVER" stroke-width="14"/>'),
}
