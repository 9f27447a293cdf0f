"""Toys and games."""

from catalog.demo import palette
from catalog.demo.motifs import brush
from catalog.demo.motifs.brush import Ink, Motif


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
        (
            "M760 560Q720 420 760 300Q790 200 880 220Q960 250 930 350Q890 460 930 600"
            "Q930 830 620 830Q300 830 210 560Q400 640 520 560Q660 500 760 560Z"
        ),
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


def _sheep(ink: Ink) -> str:
    legs = brush.line("M460 800V930M560 820V936M680 820V936M780 800V930", "#4a4048", 44)
    wool = "".join(
        brush.part(brush.disc(x, y, r), ink.base)
        for x, y, r in (
            (400, 640, 120),
            (500, 540, 130),
            (640, 520, 130),
            (780, 580, 130),
            (800, 710, 120),
            (440, 740, 120),
        )
    )
    fleece = brush.body(ink, brush.disc(620, 660, 230, 180))
    curls = brush.line(
        "M560 600q40 -40 60 10M700 640q40 -40 60 10M600 740q40 -40 60 10M480 680q40 -40 60 10", ink.dark, 10
    )
    face = brush.part(brush.disc(350, 560, 100, 124), "#5b4f58") + brush.turned(
        brush.flat(brush.disc(250, 520, 64, 30), "#5b4f58"), 24, 250, 520
    )
    tuft = brush.flat(brush.disc(350, 450, 76, 50), ink.light)
    eyes = brush.line("M296 560q16 20 32 0M372 560q16 20 32 0", palette.PAPER, 9)
    return legs + wool + fleece + curls + face + tuft + eyes


def _mouse(ink: Ink) -> str:
    tail = brush.line("M780 880Q980 900 960 760Q940 680 1010 660", "#dba79b", 20)
    ear = brush.part(brush.disc(420, 400, 140), ink.base) + brush.flat(brush.disc(424, 406, 96), "#e9b7a8")
    trunk = brush.body(ink, "M600 560Q850 620 840 840Q830 960 700 960H500Q370 960 360 840Q350 620 600 560Z")
    head = brush.body(ink, brush.disc(600, 560, 200, 180)) + brush.flat(brush.disc(600, 850, 120, 100), ink.light)
    whiskers = brush.line("M470 610L340 590M470 640L350 660M730 610L860 590M730 640L850 660", ink.deep, 6, 0.6)
    feet = brush.part(brush.disc(490, 940, 74, 34) + brush.disc(710, 940, 74, 34), "#dba79b")
    return tail + ear + brush.mirrored(ear) + trunk + head + whiskers + feet + _expression(540, 606)


def _otter(ink: Ink) -> str:
    tail = brush.part("M720 860Q940 840 1010 930Q960 970 720 956Z", ink.dark)
    ears = brush.part(brush.disc(440, 300, 48) + brush.disc(760, 300, 48), ink.dark)
    trunk = brush.body(ink, "M440 520H760Q820 700 800 860Q790 960 690 960H510Q410 960 400 860Q380 700 440 520Z")
    belly = brush.flat(brush.disc(600, 780, 130, 160), ink.light)
    head = brush.body(ink, brush.disc(600, 410, 215, 185)) + brush.flat(brush.disc(600, 480, 120, 84), ink.light)
    whiskers = brush.line("M500 490L390 470M500 516L400 536M700 490L810 470M700 516L800 536", palette.PAPER, 7)
    shell = brush.part("M520 780Q520 690 600 680Q680 690 680 780Q600 820 520 780Z", "#e9c9a5")
    shell += brush.line("M600 690V790M564 700L548 776M636 700L652 776", "#b98f6d", 7)
    paws = brush.part(brush.disc(500, 780, 60, 50) + brush.disc(700, 780, 60, 50), ink.dark)
    return tail + ears + trunk + belly + head + whiskers + _expression(400, 452) + shell + paws


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
            (
                "M300 300H420Q400 220 460 216Q520 220 500 300H620V420Q700 400 704 460"
                "Q700 520 620 500V620H500Q520 540 460 536Q400 540 420 620H300Z"
            ),
            colour,
        )

    return (
        brush.moved(piece(ink.base), -40, -20)
        + brush.moved(piece(ink.light), 300, -20)
        + brush.moved(piece(ink.accent), -40, 322)
        + brush.turned(brush.moved(piece(ink.dark), 340, 370), 16, 800, 830)
    )


def _dominoes(ink: Ink) -> str:
    def tile(x: int, y: int, angle: int, dots: str) -> str:
        stone = brush.part(brush.box(x - 90, y - 180, 180, 360, 26), ink.base)
        stone += brush.line(f"M{x - 64} {y}H{x + 64}", palette.BRASS, 8) + brush.flat(dots, palette.PAPER)
        return brush.turned(stone, angle, x, y)

    double = brush.disc(330, 340, 20) + brush.disc(410, 420, 20) + brush.disc(330, 560, 20) + brush.disc(410, 640, 20)
    five = "".join(
        brush.disc(x, y, 20) for x, y in ((610, 330), (690, 330), (650, 380), (610, 430), (690, 430), (650, 610))
    )
    three = "".join(brush.disc(x, y, 20) for x, y in ((750, 720), (800, 770), (850, 820), (800, 960)))
    return tile(370, 490, -12, double) + tile(650, 480, 6, five) + tile(800, 860, 74, three)


def _memory_game(ink: Ink) -> str:
    def tile(x: int, y: int, number: int) -> str:
        if number % 3 == 1:
            return brush.body(ink, brush.box(x, y, 220, 220, 30)) + brush.line(
                brush.box(x + 30, y + 30, 160, 160, 20), ink.light, 10
            )
        colour = ("#c9573f", "", "#e0a63a")[number % 3]
        apple = brush.part(f"M{x + 110} {y + 80}q60 -36 70 26q-6 80 -70 74q-64 6 -70 -74q10 -62 70 -26z", colour)
        stalk = brush.line(f"M{x + 110} {y + 80}q0 -30 16 -44", palette.DARK_WOOD, 9)
        return brush.part(brush.box(x, y, 220, 220, 30), palette.PAPER) + apple + stalk

    places = [(x, y) for y in (250, 490, 730) for x in (250, 490, 730)]
    return brush.turned("".join(tile(x, y, n + n // 3) for n, (x, y) in enumerate(places)), -5)


MOTIFS = {
    "wooden_toy": Motif("stands", 400, (_van, _snail, _tugboat, _rings, _blocks, _goose), alone=True),
    "soft_toy": Motif("stands", 320, (_bear, _rabbit, _sheep, _mouse, _otter), alone=True),
    "game": Motif("lies", 370, (_board_game, _puzzle, _dominoes, _memory_game)),
}
