"""Pens, notebooks, cards and prints, toys and games."""

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
        "M420 446q20 -30 40 0t40 0t40 0t40 0t40 0M420 508q20 -30 40 0t40 0t40 0t40 0t40 0t40 0M420 570q20 -30 40 0t40 0t40 0",
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


def _van(ink: Ink) -> str:
    cabin = brush.body(ink, "M180 560Q180 430 300 430H820Q870 430 900 480L990 640Q1020 660 1020 700V850H180Z")
    windows = brush.flat("M740 490H820Q846 490 860 516L916 630H740Z", "#d8e8ea") + brush.flat(
        brush.disc(800, 590, 40), palette.WOOD
    )
    stripe = brush.flat(brush.box(180, 690, 840, 34), ink.accent, 0.85) + brush.flat(
        brush.disc(420, 560, 80), ink.accent, 0.85
    )
    return cabin + windows + stripe + _wheel(360) + _wheel(840) + brush.gleam("M240 520Q240 476 300 474")


def _snail(ink: Ink) -> str:
    foot = brush.part(
        "M190 870Q200 800 300 800H780Q820 700 850 560Q870 500 930 510Q990 530 970 620Q950 780 900 870Z", palette.WOOD
    )
    horns = brush.line("M900 520L880 430M950 530L980 446", palette.DARK_WOOD, 16) + brush.flat(
        brush.disc(876, 420, 24) + brush.disc(986, 436, 24), ink.dark
    )
    shell = brush.body(ink, brush.disc(520, 610, 240)) + brush.line(
        "M520 610q30 -40 50 10q0 80 -80 60q-80 -40 -30 -140q90 -80 180 20q50 160 -90 230q-160 40 -230 -120",
        ink.accent,
        24,
    )
    string = brush.line("M190 850Q120 870 110 800Q120 740 60 720", palette.PAPER, 12)
    return string + foot + horns + shell + brush.flat(brush.disc(934, 570, 12), "#2a2420") + _wheel(340) + _wheel(760)


def _tugboat(ink: Ink) -> str:
    hull = brush.body(ink, "M180 690H1020Q980 900 860 950H320Q220 900 180 690Z") + brush.flat(
        "M188 720H1012L1004 760H198Z", ink.accent, 0.9
    )
    cabin = brush.part(brush.box(360, 490, 380, 210, 18), palette.PAPER) + "".join(
        brush.flat(brush.disc(x, 590, 44), "#94b8d1") for x in (450, 550, 650)
    )
    funnel = brush.part(brush.box(500, 300, 130, 200, 14), "#c9573f") + brush.flat(
        brush.box(500, 340, 130, 40), palette.PAPER
    )
    smoke = "".join(
        brush.flat(brush.disc(x, y, r), "#fff", 0.75) for x, y, r in ((600, 240, 50), (680, 190, 40), (746, 150, 28))
    )
    return (
        smoke
        + funnel
        + cabin
        + hull
        + brush.part(brush.box(140, 660, 920, 50, 24), palette.WOOD)
        + brush.gleam("M260 800Q280 860 330 900")
    )


def _rings(ink: Ink) -> str:
    hues = (ink.base, "#e0a63a", "#8b9a63", "#5f7d95", ink.light)
    rings = "".join(
        brush.part(brush.box(600 - half, 800 - n * 104, 2 * half, 104, 52), hue)
        for n, (half, hue) in enumerate(zip((290, 250, 210, 170, 130), hues, strict=True))
    )
    return (
        brush.part("M270 900H930Q910 960 840 960H360Q290 960 270 900Z", palette.WOOD)
        + rings
        + brush.part(brush.disc(600, 320, 80), "#c9573f")
        + brush.gleam("M380 840H520", 14)
    )


def _blocks(ink: Ink) -> str:
    def block(x: int, y: int, colour: str) -> str:
        return brush.part(brush.box(x, y, 200, 200, 18), colour) + brush.flat(
            brush.box(x + 26, y + 26, 148, 148, 12), palette.lighter(colour), 0.6
        )

    roof = brush.part("M390 360H610L500 210Z", "#c9573f")
    lower = block(300, 760, ink.base) + block(500, 760, "#5f7d95") + block(740, 760, "#d98a72")
    return (
        lower
        + block(300, 560, "#e6d2ad")
        + block(500, 560, ink.base)
        + brush.turned(block(740, 560, "#e0a63a"), 7, 840, 700)
        + brush.flat(brush.box(300, 356, 400, 204, 10), "#8b9a63")
        + brush.flat("M400 560A100 100 0 0 1 600 560Z", "#4f5d3a")
        + roof
    )


def _goose(ink: Ink) -> str:
    rocker = brush.line("M220 880Q600 1010 980 860", palette.WOOD, 44) + brush.line(
        "M440 780V930M740 780V930", palette.DARK_WOOD, 36
    )
    bird = brush.body(
        ink,
        "M760 560Q720 420 760 300Q790 200 880 220Q960 250 930 350Q890 460 930 600Q930 830 620 830Q300 830 210 560Q400 640 520 560Q660 500 760 560Z",
    )
    beak = brush.flat("M930 270L1040 310L926 340Z", "#e0953a") + brush.flat(brush.disc(876, 280, 16), "#2a2420")
    wing = brush.part("M400 640Q560 560 720 640Q700 760 560 760Q440 750 400 640Z", ink.dark)
    return (
        rocker
        + bird
        + wing
        + beak
        + brush.flat("M752 460Q840 500 906 450L912 500Q840 550 748 510Z", "#c9573f")
        + brush.gleam("M800 300Q786 370 800 440")
    )


def _wheel(x: int) -> str:
    return (
        brush.part(brush.disc(x, 860, 100), palette.DARK_WOOD)
        + brush.flat(brush.disc(x, 860, 66), palette.WOOD)
        + brush.flat(brush.disc(x, 860, 20), palette.IRON)
    )


def _bear(ink: Ink) -> str:
    limbs = brush.part(brush.disc(400, 900, 100, 70) + brush.disc(800, 900, 100, 70), ink.base) + brush.flat(
        brush.disc(390, 900, 50, 38) + brush.disc(810, 900, 50, 38), ink.light
    )
    arms = brush.turned(brush.part(brush.disc(370, 690, 70, 130), ink.dark), 28, 370, 690) + brush.turned(
        brush.part(brush.disc(830, 690, 70, 130), ink.dark), -28, 830, 690
    )
    ears = brush.part(brush.disc(430, 270, 80) + brush.disc(770, 270, 80), ink.base) + brush.flat(
        brush.disc(434, 276, 44) + brush.disc(766, 276, 44), ink.light
    )
    trunk = brush.body(ink, brush.disc(600, 750, 220, 210)) + brush.flat(brush.disc(600, 780, 130, 140), ink.light, 0.7)
    head = brush.body(ink, brush.disc(600, 410, 230, 205)) + brush.flat(brush.disc(600, 480, 100, 80), ink.light)
    scarf = brush.flat("M410 560Q600 640 790 560L800 620Q600 700 400 620Z", "#c9573f") + brush.flat(
        "M660 640L740 620L770 800L700 810Z", "#b3493a"
    )
    return arms + limbs + trunk + ears + head + _expression(410, 452) + scarf + brush.gleam("M420 380Q440 290 520 256")


def _rabbit(ink: Ink) -> str:
    ear = brush.turned(
        brush.part(brush.disc(520, 230, 66, 180), ink.base) + brush.flat(brush.disc(520, 240, 34, 130), "#e9b7a8"),
        -8,
        520,
        400,
    )
    limbs = brush.part(brush.disc(440, 906, 110, 56) + brush.disc(760, 906, 110, 56), ink.base)
    trunk = (
        brush.body(ink, brush.disc(600, 770, 190, 190))
        + brush.flat("M430 690Q600 760 770 690L800 880Q600 960 400 880Z", "#8b9a63")
        + brush.dashes("M420 860Q600 930 780 860", palette.PAPER, 6)
    )
    head = brush.body(ink, brush.disc(600, 500, 190, 175)) + brush.flat(brush.disc(600, 550, 76, 60), ink.light)
    cheeks = brush.flat(brush.disc(486, 550, 34) + brush.disc(714, 550, 34), "#e9a594", 0.6)
    return (
        ear
        + brush.mirrored(ear)
        + limbs
        + trunk
        + head
        + cheeks
        + _expression(490, 530)
        + brush.gleam("M456 480Q470 400 530 374")
    )


def _expression(eyes: int, nose: int) -> str:
    return (
        brush.flat(brush.disc(520, eyes, 18) + brush.disc(680, eyes, 18), "#2a2420")
        + brush.flat(brush.disc(600, nose, 30, 20), "#3d2f27")
        + brush.line(f"M600 {nose + 16}V{nose + 40}M560 {nose + 46}Q600 {nose + 70} 640 {nose + 46}", "#3d2f27", 8)
    )


def _board_game(ink: Ink) -> str:
    board = brush.part(brush.box(240, 240, 720, 720, 30), palette.DARK_WOOD) + brush.body(
        ink, brush.box(270, 270, 660, 660, 12)
    )
    squares = brush.flat(
        "".join(brush.box(310 + x * 116, 310 + y * 116, 116, 116) for x in range(5) for y in range(5) if (x + y) % 2),
        ink.accent,
        0.8,
    )
    pawns = "".join(
        brush.part(f"M{x - 44} {y + 70}Q{x} {y - 40} {x + 44} {y + 70}Z", hue)
        + brush.part(brush.disc(x, y - 24, 34), hue)
        for x, y, hue in ((430, 480, "#c9573f"), (660, 600, "#5f7d95"), (540, 760, "#e0a63a"))
    )
    die = brush.turned(
        brush.part(brush.box(760, 740, 120, 120, 24), palette.PAPER)
        + brush.flat(brush.disc(790, 770, 12) + brush.disc(820, 800, 12) + brush.disc(850, 830, 12), palette.IRON),
        14,
        820,
        800,
    )
    return brush.turned(board + squares + pawns + die, -6)


def _puzzle(ink: Ink) -> str:
    def piece(colour: str) -> str:
        return brush.part(
            "M300 300H420Q400 220 460 216Q520 220 500 300H620V420Q700 400 704 460Q700 520 620 500V620H500Q520 540 460 536Q400 540 420 620H300Z",
            colour,
        )

    return (
        brush.moved(piece(ink.base), -40, -20)
        + brush.moved(piece(ink.light), 300, -20)
        + brush.moved(piece(ink.accent), -40, 322)
        + brush.turned(brush.moved(piece(ink.dark), 340, 370), 16, 800, 830)
    )


MOTIFS = {
    "pen": Motif("lies", 260, (_fountain_pen, _rollerball)),
    "pencil": Motif("lies", 280, (_pencils, _color_pencils, _sharpener)),
    "notebook": Motif("lies", 300, (_notebook, _pocket_books, _reporter_pad)),
    "card": Motif("lies", 340, (_card,)),
    "poster": Motif("hangs", 330, (_moon_print, _pears_print, _hills_print, _seed_heads_print)),
    "wooden_toy": Motif("stands", 400, (_van, _snail, _tugboat, _rings, _blocks, _goose)),
    "soft_toy": Motif("stands", 320, (_bear, _rabbit)),
    "game": Motif("lies", 370, (_board_game, _puzzle)),
}
