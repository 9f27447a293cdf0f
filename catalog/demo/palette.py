"""The shop's colors by name, and the few mixtures the pictures are made of."""

import zlib

NAMED = {
    "Ash": "#dcc19a",
    "Bark": "#6b5140",
    "Birch": "#e6d2ad",
    "Black": "#3a383b",
    "Blush": "#e8b9a9",
    "Brass": "#c9a558",
    "Brick": "#a84f43",
    "Butter": "#f0d688",
    "Chalk": "#efe9dc",
    "Charcoal": "#4f5358",
    "Cherry": "#a8643f",
    "Clay": "#bd8c6d",
    "Clear": "#bfdcd9",
    "Copper": "#c57d55",
    "Coral": "#e5826d",
    "Cream": "#f3e6c8",
    "Denim": "#5b7a9b",
    "Fern": "#5f8f5a",
    "Fog": "#c3c9c8",
    "Heather": "#9a87aa",
    "Honey": "#d99a35",
    "Ink": "#34415c",
    "Leaf": "#86a656",
    "Lilac": "#b9a6cc",
    "Moss": "#71834f",
    "Mustard": "#d9a441",
    "Natural": "#dccaa6",
    "Navy": "#34507a",
    "Oak": "#c79a66",
    "Oat": "#e0d1b3",
    "Ochre": "#c98d3e",
    "Olive": "#84804a",
    "Pine": "#3c6553",
    "Plum": "#764766",
    "Poppy": "#d9583f",
    "Rose": "#cf7f88",
    "Rust": "#b95a32",
    "Sage": "#a5b48d",
    "Sand": "#d6bf98",
    "Scarlet": "#c9493e",
    "Sea": "#6fa9a4",
    "Sky": "#94b8d1",
    "Slate": "#6f7b87",
    "Steel": "#aeb8bd",
    "Straw": "#dab877",
    "Teal": "#3f8385",
    "Terracotta": "#cb7650",
    "Walnut": "#805840",
    "White": "#f7f4ec",
}
WOOD = "#c89f6d"
DARK_WOOD = "#8a6246"
BRASS = "#cda95c"
STEEL = "#b7c0c4"
IRON = "#4a4c50"
PAPER = "#fbf5e6"
LEAF = "#6f9a5c"
DARK_LEAF = "#4c7a4d"

_BLACK = "#2a2420"
_WHITE = "#fffaf0"
_LIGHT_ACCENTS = ("#b5654a", "#5f7d95", "#8b9a63", "#c2913f")
_TOO_LIGHT_FOR_CREAM = 0.7


def mix(one: str, other: str, share: float) -> str:
    """Blend `share` of the other color into the one."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def lighter(colour: str, share: float = 0.3) -> str:
    return mix(colour, _WHITE, share)


def darker(colour: str, share: float = 0.22) -> str:
    return mix(colour, _BLACK, share)


def accent(colour: str) -> str:
    """A color that shows on this one: cream on dark, one of four muted hues on light."""
    if brightness(colour) < _TOO_LIGHT_FOR_CREAM:
        return "#f5ecd9"
    return _LIGHT_ACCENTS[zlib.crc32(colour.encode()) % len(_LIGHT_ACCENTS)]


def brightness(colour: str) -> float:
    red, green, blue = _channels(colour)
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def distance(one: str, other: str) -> int:
    return sum(abs(a - b) for a, b in zip(_channels(one), _channels(other), strict=True))


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
