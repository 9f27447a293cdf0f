"""Pens, notebooks, cards and prints."""

from catalog.demo import palette
from catalog.demo.motifs import brush
from catalog.demo.motifs.brush import Ink, Motif


def _fountain_pen(ink: Ink) -> str:
    nib = brush.part("M560 300H640L600 110Z", palette.BRASS) + brush.line("M600 150V250", palette.IRON, 6)
    barrel = brush.part(brush.box(546, 290, 108, 130, 20), palette.IRON) + brush.body(
        ink, "M530 410H670L660 960Q656 1060 600 1060Q544 1060 540 960Z"
    )
    rings = brush.flat(brush.box(528, 400, 144, 24, 8) + brush.box(536, 820, 128, 16, 6), palette.BRASS)
    return brush.turned(_flourish() + nib + barrel + rings + brush.gleam("M564 470V940", 12), 38)


def _rollerball(ink: Ink) -> str:
    tip = brush.part("M560 330L590 170H610L640 330Z", palette.STEEL)
    barrel = brush.body(ink, "M540 320H660V980Q660 1050 600 1050Q540 1050 540 980Z")
    clip = brush.part(brush.box(640, 700, 30, 270, 14), palette.BRASS) + brush.flat(
        brush.box(536, 680, 128, 24, 8), palette.BRASS
    )
    return brush.turned(_flourish() + tip + barrel + clip + brush.gleam("M566 380V640", 12), 38)


def _flourish() -> str:
    return brush.line("M596 100Q480 40 400 140Q340 230 430 250Q520 250 480 150Q420 40 300 100", "#4d5a73", 9, 0.75)


def _pencils(ink: Ink) -> str:
    fan = ((-20, ink.dark), (0, ink.base), (20, ink.light))
    return "".join(brush.turned(_pencil(colour, palette.IRON), angle, 600, 1150) for angle, colour in fan)


def _color_pencils(ink: Ink) -> str:
    hues = ("#c9573f", "#e0a63a", ink.base, "#5f7d95", "#8a6a9a")
    return "".join(
        brush.turned(_pencil(hue, hue), angle, 600, 1250)
        for angle, hue in zip((-30, -15, 0, 15, 30), hues, strict=True)
    )


def _pencil(colour: str, lead: str) -> str:
    return (
        brush.part("M552 340H648L600 160Z", "#e9cfa4")
        + brush.flat("M584 220H616L600 160Z", lead)
        + brush.part(brush.box(552, 340, 96, 600), colour)
        + brush.flat(brush.box(584, 340, 32, 600), palette.lighter(colour), 0.5)
        + brush.part(brush.box(548, 930, 104, 40), palette.BRASS)
        + brush.part(brush.box(556, 966, 88, 60, 20), "#d98a7c")
    )


def _sharpener(ink: Ink) -> str:
    block = brush.body(ink, "M360 480H840L800 600L840 720H360L400 600Z")
    blade = brush.turned(
        brush.part(brush.box(440, 520, 320, 120, 8), palette.STEEL)
        + brush.flat(brush.disc(600, 580, 34), palette.BRASS)
        + brush.line("M584 580H616", palette.IRON, 8),
        -6,
        600,
        580,
    )
    curl = brush.line("M800 740Q900 760 880 840Q830 900 780 840Q760 780 850 790Q960 820 930 930", "#e9cfa4", 26)
    return brush.turned(block + blade, -12) + curl


def _notebook(ink: Ink) -> str:
    pages = brush.flat(brush.box(360, 236, 510, 750, 20), palette.darker(palette.PAPER, 0.14)) + brush.flat(
        brush.box(350, 228, 506, 742, 18), palette.PAPER
    )
    cover = brush.body(ink, brush.box(330, 210, 510, 750, 24)) + brush.flat(
        brush.box(330, 210, 70, 750, 24), ink.deep, 0.45
    )
    label = brush.flat(brush.box(490, 360, 260, 170, 12), palette.PAPER) + brush.line(
        "M530 420H710M530 470H660", ink.base, 10
    )
    ribbon = brush.flat("M720 960H752V1060L736 1036L720 1060Z", "#c9573f") + brush.flat(
        brush.box(786, 210, 18, 750), ink.deep, 0.6
    )
    return brush.turned(pages + cover + label + ribbon + brush.gleam("M430 250V900", 8), -8)


def _pocket_books(ink: Ink) -> str:
    def book(colour: str) -> str:
        return brush.part(brush.box(400, 280, 400, 600, 40), colour) + brush.dashes("M432 300V860", palette.PAPER, 6)

    front = (
        brush.body(ink, brush.box(400, 280, 400, 600, 40))
        + brush.dashes("M432 300V860", palette.PAPER, 6)
        + brush.flat(brush.disc(620, 480, 80), palette.PAPER, 0.9)
    )
    return (
        brush.turned(book(ink.dark), 16)
        + brush.turned(book(ink.light), 3)
        + brush.turned(front + brush.moved(brush.sprig(0, 0, ink.base), 620, 540, 0.34), -10)
    )


def _reporter_pad(ink: Ink) -> str:
    sheet = brush.flat(brush.box(360, 260, 480, 740, 14), palette.PAPER) + brush.line(
        "".join(f"M410 {y}H790" for y in range(470, 960, 62)), "#a9bccb", 6
    )
    writing = brush.line(
        (
            "M420 446q20 -30 40 0t40 0t40 0t40 0t40 0M420 508q20 -30 40 0t40 0t40 0t40 0t40 0t40 0"
            "M420 570q20 -30 40 0t40 0t40 0"
        ),
        "#4d5a73",
        8,
    )
    cover = brush.body(ink, "M360 220H840V390H360Z")
    wire = "".join(brush.line(f"M{x} 250V190", palette.STEEL, 16) for x in range(400, 830, 50))
    return brush.turned(sheet + writing + cover + wire, 7)


def _card(ink: Ink) -> str:
    envelope = brush.turned(
        brush.part(brush.box(250, 480, 640, 440, 14), ink.dark)
        + brush.line("M256 490L570 720L884 490", ink.deep, 10, 0.6),
        8,
    )
    blank = brush.part(brush.box(350, 200, 480, 640, 12), palette.PAPER)
    panel = brush.body(ink, brush.box(390, 240, 400, 560, 8))
    picture = (
        brush.flat(brush.disc(590, 500, 150), palette.PAPER)
        + brush.moved(brush.sprig(0, 0, ink.base), 590, 620, 0.72)
        + brush.flat(brush.disc(640, 440, 22) + brush.disc(540, 470, 18), "#c9573f")
    )
    return envelope + brush.turned(blank + panel + picture, -7)


def _moon_print(ink: Ink) -> str:
    heron = (
        brush.line("M560 870V700M600 870V700", ink.accent, 10)
        + brush.flat("M500 640Q560 570 660 640L740 700Q600 760 520 690Z", ink.accent)
        + brush.line("M530 650Q470 580 510 500", ink.accent, 24)
        + brush.flat("M490 486L400 500L506 516Z", ink.accent)
    )
    return _framed(
        ink,
        brush.flat(brush.disc(680, 420, 110), "#f0d688")
        + brush.flat(brush.box(330, 850, 540, 130), ink.dark)
        + heron
        + brush.line("M380 900H560M640 930H820", ink.light, 8, 0.7),
    )


def _pears_print(ink: Ink) -> str:
    pear = brush.part(
        "M480 480Q510 420 546 480Q600 600 630 690Q640 830 510 836Q380 830 396 690Q430 600 480 480Z", ink.accent
    )
    resting = brush.turned(
        brush.part(
            "M690 560Q720 500 756 560Q800 650 816 720Q820 830 720 836Q620 830 632 720Q660 650 690 560Z", ink.light
        ),
        62,
        720,
        740,
    )
    return _framed(
        ink,
        brush.flat(brush.box(330, 790, 540, 190), ink.dark)
        + pear
        + resting
        + brush.line("M512 440Q520 400 550 380", ink.deep, 14),
    )


def _hills_print(ink: Ink) -> str:
    hills = "".join(
        brush.flat(path, colour)
        for path, colour in (
            ("M330 560Q480 420 640 540Q760 460 870 560V980H330Z", ink.light),
            ("M330 680Q520 560 700 680Q800 630 870 660V980H330Z", ink.base),
            ("M330 800Q460 700 640 800Q780 860 870 780V980H330Z", ink.dark),
            ("M330 900Q600 830 870 900V980H330Z", ink.deep),
        )
    )
    return _framed(
        ink,
        brush.flat(brush.box(330, 220, 540, 760), palette.lighter(ink.base, 0.7))
        + brush.flat(brush.disc(700, 400, 70), "#e58b6f")
        + hills,
    )


def _seed_heads_print(ink: Ink) -> str:
    heads = brush.line("M480 980V480M600 980V400M720 980V560", ink.accent, 12)
    poppy = brush.flat("M420 440Q480 360 540 440Q540 520 480 530Q420 520 420 440ZM420 410H540V436H420Z", ink.accent)
    umbel = brush.line(
        "M600 520L520 330M600 520L560 300M600 520V290M600 520L640 300M600 520L680 330", ink.accent, 8
    ) + "".join(
        brush.flat(brush.disc(x, y, 18), ink.accent)
        for x, y in ((520, 326), (560, 292), (600, 280), (640, 292), (680, 326))
    )
    honesty = "".join(brush.flat(brush.disc(x, y, 46, 56), ink.light) for x, y in ((720, 540), (780, 640), (664, 660)))
    return _framed(ink, heads + poppy + umbel + honesty)


def _framed(ink: Ink, picture: str) -> str:
    frame = brush.part(brush.box(270, 160, 660, 880, 8), palette.WOOD) + brush.flat(
        brush.box(296, 186, 608, 828), palette.PAPER
    )
    return (
        frame
        + brush.body(ink, brush.box(330, 220, 540, 760))
        + picture
        + brush.line("M296 186H904M296 186V1014", palette.DARK_WOOD, 5, 0.6)
    )


def _wrapping_paper(ink: Ink) -> str:
    under = brush.turned(brush.part(brush.box(470, 150, 150, 900, 20), ink.light), 24)
    middle = brush.turned(brush.part(brush.box(530, 150, 150, 900, 20), ink.dark), -18)
    roll = brush.body(ink, brush.box(520, 150, 160, 900, 20)) + brush.flat(brush.disc(600, 156, 80, 26), ink.light)
    string = brush.line(
        "M440 610H770M450 640H760M600 620q-110 -120 -140 -20q40 50 140 20q110 -120 140 -20q-40 50 -140 20",
        "#b5854f",
        14,
    )
    return under + middle + brush.turned(roll, 4) + string


MOTIFS = {
    "pen": Motif("lies", 260, (_fountain_pen, _rollerball)),
    "pencil": Motif("lies", 280, (_pencils, _color_pencils, _sharpener)),
    "notebook": Motif("lies", 300, (_notebook, _pocket_books, _reporter_pad)),
    "card": Motif("lies", 340, (_card, _wrapping_paper)),
    "poster": Motif("hangs", 330, (_moon_print, _pears_print, _hills_print, _seed_heads_print)),
}
