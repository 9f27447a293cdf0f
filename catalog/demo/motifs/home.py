"""Furniture, lamps and candles."""

from catalog.demo import palette
from catalog.demo.motifs import brush
from catalog.demo.motifs.brush import Ink, Motif


def _spindle_chair(ink: Ink) -> str:
    spindles = brush.line(
        "M440 660L420 330M500 660L488 300M560 660L556 290M640 660L644 290M700 660L712 300M760 660L780 330", ink.base, 18
    )
    rail = brush.line("M390 340Q600 210 810 340", ink.base, 52)
    legs = brush.line("M410 720L360 950M790 720L840 950", ink.base, 38) + brush.line(
        "M480 710L460 880M720 710L740 880", ink.dark, 30
    )
    bar = brush.line("M392 850H808", ink.dark, 20)
    seat = brush.body(ink, "M370 650Q600 620 830 650Q860 740 780 746H420Q340 740 370 650Z")
    return legs + bar + spindles + rail + seat + brush.gleam("M420 676Q520 656 620 656", 12)


def _ladder_chair(ink: Ink) -> str:
    posts = brush.line("M400 250V940M800 250V940", ink.base, 40)
    rungs = "".join(
        brush.part(f"M400 {y}Q600 {y - 40} 800 {y}V{y + 56}Q600 {y + 16} 400 {y + 56}Z", ink.base)
        for y in (310, 420, 530)
    )
    front = brush.line("M370 720V944M830 720V944", ink.dark, 40) + brush.line("M370 860H830", ink.dark, 22)
    seat = brush.part("M350 660H850L880 740H320Z", "#d8bb84") + brush.line(
        "M350 660L600 740L850 660M450 662L600 716L750 662", "#b8955c", 7
    )
    return posts + rungs + front + seat + brush.gleam("M394 290V620", 10)


def _armchair(ink: Ink) -> str:
    legs = brush.line("M360 900L340 950M840 900L860 950", palette.DARK_WOOD, 38)
    back = brush.body(ink, "M340 780V440Q340 290 490 290H710Q860 290 860 440V780Z")
    arm = brush.body(ink, "M240 620Q240 540 320 540Q400 540 400 620V910H290Q240 910 240 850Z")
    cushion = brush.part(brush.box(380, 660, 440, 140, 50), ink.light)
    base = brush.part(brush.box(340, 770, 520, 140, 30), ink.dark)
    buttons = "".join(brush.flat(brush.disc(x, 470, 12), ink.deep) for x in (480, 600, 720))
    return legs + back + buttons + base + cushion + arm + brush.mirrored(arm) + brush.gleam("M400 480Q400 360 500 346")


def _rocker(ink: Ink) -> str:
    runners = brush.line("M220 900Q600 1010 980 880", ink.dark, 36)
    legs = brush.line("M380 690L350 930M780 690L820 940", ink.base, 34)
    back = brush.line("M380 690L290 230M470 680L400 220M560 680L510 216", ink.base, 26) + brush.line(
        "M260 260Q400 180 540 220", ink.base, 50
    )
    arm = brush.line("M330 500Q560 470 740 500L760 680", ink.base, 34)
    seat = brush.body(ink, brush.box(350, 650, 470, 80, 36))
    return runners + legs + back + arm + seat + brush.gleam("M400 674H620", 12)


def _low_stool(ink: Ink) -> str:
    legs = brush.line("M400 640L330 946M800 640L870 946", ink.base, 52) + brush.line("M600 650V920", ink.dark, 46)
    seat = brush.body(ink, "M290 560H910Q930 670 850 680H350Q270 670 290 560Z")
    top = brush.flat(brush.disc(600, 562, 312, 56), ink.light) + brush.flat(brush.disc(600, 566, 60, 14), ink.deep, 0.7)
    return legs + seat + top


def _counter_stool(ink: Ink) -> str:
    legs = brush.line("M440 400L370 946M760 400L830 946", ink.base, 38) + brush.line(
        "M520 400L500 880M680 400L700 880", ink.dark, 30
    )
    rests = brush.line("M394 780H806", palette.BRASS, 22) + brush.line("M430 600H770", ink.dark, 18)
    seat = brush.body(ink, brush.box(360, 320, 480, 90, 44))
    return legs + rests + seat + brush.gleam("M410 346H640", 12)


def _dining_table(ink: Ink) -> str:
    legs = brush.part("M220 560H290L270 960H236ZM910 560H980L964 960H930Z", ink.dark)
    apron = brush.flat(brush.box(200, 560, 800, 70), ink.deep)
    top = brush.body(ink, "M240 440H960L1080 520V570H120V520Z")
    grain = brush.line("M300 468H700M420 494H900M220 512H560", ink.dark, 6, 0.5)
    pear = brush.part(
        "M560 300Q600 250 640 300Q690 400 640 440Q600 470 560 440Q510 400 560 300Z", "#a9b665"
    ) + brush.line("M600 280Q604 250 622 236", palette.DARK_WOOD, 10)
    return legs + apron + top + grain + pear


def _desk(ink: Ink) -> str:
    legs = brush.part("M240 700H300L288 960H256ZM900 700H960L944 960H912Z", ink.dark)
    holes = brush.part(brush.box(280, 340, 640, 220, 14), ink.base) + "".join(
        brush.flat(brush.box(x, 366, 90, 170, 8), ink.deep) for x in (300, 402, 504, 606, 708, 810)
    )
    letters = brush.flat(brush.box(416, 440, 60, 96) + brush.box(722, 420, 60, 116), palette.PAPER)
    top = brush.body(ink, brush.box(190, 550, 820, 60, 16))
    drawers = brush.part(brush.box(240, 610, 720, 110, 10), ink.base) + brush.line(
        "M480 614V716M720 614V716", ink.deep, 6
    )
    knobs = "".join(brush.flat(brush.disc(x, 664, 16), palette.BRASS) for x in (360, 600, 840))
    return legs + holes + letters + top + drawers + knobs


def _side_table(ink: Ink) -> str:
    legs = brush.line("M600 820Q500 850 440 946M600 820Q700 850 760 946", ink.base, 34) + brush.line(
        "M600 820V930", ink.dark, 30
    )
    stem = brush.part("M570 500H630L640 840H560Z", ink.base)
    top = (
        brush.part(brush.disc(600, 500, 290, 56), ink.dark)
        + brush.flat(brush.disc(600, 484, 290, 54), ink.light)
        + brush.flat(brush.disc(600, 484, 270, 46), ink.base)
    )
    book = brush.part("M480 430H700V468H480Z", "#7d8f9c") + brush.part("M500 396H690V430H500Z", "#c9785a")
    return legs + stem + top + book


def _low_table(ink: Ink) -> str:
    legs = brush.line("M330 720L290 946M880 720L920 946", ink.dark, 42) + brush.line("M600 740V910", ink.deep, 38)
    top = brush.flat("M180 690Q200 570 520 590Q900 560 1020 680Q1040 800 700 790Q220 810 180 690Z", ink.deep)
    face = brush.body(ink, "M180 670Q200 550 520 570Q900 540 1020 660Q1040 780 700 766Q220 784 180 670Z")
    return legs + top + face + brush.line("M330 650Q560 600 860 640M400 700Q600 660 900 690", ink.dark, 7, 0.6)


def _bookcase(ink: Ink) -> str:
    frame = brush.body(ink, brush.box(330, 180, 540, 780, 16)) + brush.flat(brush.box(362, 212, 476, 710), ink.deep)
    shelves = "".join(brush.part(brush.box(350, y, 500, 26), ink.base) for y in (420, 656, 900))
    return (
        frame
        + _books(390, 420)
        + _books(470, 656)
        + _books(380, 900)
        + shelves
        + brush.moved(brush.sprig(0, 0), 770, 420, 0.42)
    )


def _books(x: int, floor: int) -> str:
    spines = (
        (46, 160, "#b5654a"),
        (36, 140, "#e6d5b0"),
        (52, 170, "#5f7d95"),
        (32, 130, "#8b9a63"),
        (44, 150, "#d9a441"),
    )
    drawing = ""
    for wide, high, colour in spines:
        drawing += brush.flat(brush.box(x, floor - high, wide, high), colour)
        x += wide + 4
    return drawing


def _wall_shelf(ink: Ink) -> str:
    def board(y: int) -> str:
        bracket = brush.part(
            (
                f"M330 {y + 30}H370V{y + 60}Q370 {y + 130} 330 {y + 140}Z"
                f"M830 {y + 30}H870V{y + 140}Q830 {y + 130} 830 {y + 60}Z"
            ),
            ink.dark,
        )
        return bracket + brush.body(ink, brush.box(210, y, 780, 44, 10))

    cup = brush.part(brush.box(690, 370, 110, 110, 24), "#e3d5b8") + brush.line(
        "M800 396Q846 396 840 430Q830 460 796 456", "#cdbb95", 16
    )
    return (
        board(480)
        + board(800)
        + _books(280, 480)
        + cup
        + _books(560, 800)
        + brush.moved(brush.sprig(0, 0), 340, 720, 0.6)
        + brush.part("M290 710H390L376 800H304Z", "#cb7650")
    )


def _peg_rail(ink: Ink) -> str:
    rail = brush.body(ink, brush.box(140, 380, 920, 110, 30)) + brush.gleam("M190 404H700", 10)
    pegs = "".join(brush.part(brush.box(x - 26, 420, 52, 80, 24), ink.dark) for x in (240, 420, 600, 780, 960))
    hat = brush.part(
        "M300 620Q310 520 420 516Q530 520 540 620Q620 630 620 660H220Q220 630 300 620Z", "#d9b877"
    ) + brush.flat("M302 596H538V624H302Z", "#a84f43")
    bag = brush.line("M780 480L720 660M780 480L840 660", "#8a6246", 16) + brush.part(
        brush.box(670, 650, 220, 230, 30), "#71834f"
    )
    return rail + bag + hat + pegs


def _shade_lamp(ink: Ink) -> str:
    shade = brush.part("M440 200H760L860 540H340Z", "#f4e6c6") + brush.flat("M440 200H760L860 540H340Z", "url(#glow)")
    trim = brush.flat("M344 526H856L860 544H340Z", ink.dark)
    stem = brush.part(brush.box(582, 540, 36, 60), palette.BRASS)
    base = brush.body(ink, "M540 600H660Q700 720 740 900Q750 960 700 960H500Q450 960 460 900Q500 720 540 600Z")
    return shade + trim + stem + base + brush.gleam("M556 680Q530 780 514 880")


def _mushroom_lamp(ink: Ink) -> str:
    stem = brush.part("M530 560H670Q670 760 720 930Q724 960 690 960H510Q476 960 480 930Q530 760 530 560Z", ink.light)
    cap = brush.body(ink, "M250 590Q250 280 600 280Q950 280 950 590Q780 640 600 640Q420 640 250 590Z")
    return (
        stem
        + brush.flat(brush.disc(600, 612, 230, 30), "#fff3cf")
        + cap
        + brush.flat("M250 590Q250 280 600 280Q950 280 950 590Q780 640 600 640Q420 640 250 590Z", "url(#glow)")
        + brush.gleam("M340 500Q370 380 490 346", 22)
    )


def _desk_lamp(ink: Ink) -> str:
    foot = brush.part(brush.box(380, 910, 360, 50, 25), ink.dark)
    arms = brush.line("M560 910L430 620L650 370", ink.base, 30)
    joints = "".join(brush.flat(brush.disc(x, y, 28), palette.BRASS) for x, y in ((556, 900), (430, 620), (650, 370)))
    glow = brush.flat("M620 470L860 410L1010 800H560Z", "#ffe9ae", 0.35)
    head = brush.turned(brush.body(ink, "M590 330H790Q850 400 880 500H500Q530 400 590 330Z"), -16, 690, 420)
    return glow + foot + arms + head + joints + brush.gleam("M600 400Q560 440 546 500", 10)


def _barn_pendant(ink: Ink) -> str:
    shade = (
        "M540 420Q560 400 600 400Q640 400 660 420Q680 560 860 640Q900 660 900 700H300Q300 660 340 640Q520 560 540 420Z"
    )
    return (
        _cord()
        + _bulb(720)
        + brush.body(ink, shade)
        + brush.flat(brush.box(290, 684, 620, 26, 13), ink.light)
        + brush.gleam("M540 520Q500 610 400 656")
    )


def _paper_moon(ink: Ink) -> str:
    moon = brush.disc(600, 640, 300)
    ribs = "".join(
        brush.line(f"M{600 - w} {y}Q600 {y + 26} {600 + w} {y}", ink.dark, 4, 0.35)
        for y, w in ((430, 214), (530, 278), (640, 299), (750, 278), (850, 214))
    )
    return (
        _cord()
        + brush.body(ink, moon)
        + brush.flat(moon, "url(#glow)")
        + ribs
        + brush.part(brush.box(540, 330, 120, 28, 14), palette.DARK_WOOD)
    )


def _bell_pendant(ink: Ink) -> str:
    bell = "M520 420Q540 380 600 380Q660 380 680 420Q820 480 830 780H370Q380 480 520 420Z"
    return (
        _cord()
        + _bulb(800)
        + brush.body(ink, bell)
        + brush.flat(brush.box(356, 768, 488, 28, 14), ink.dark)
        + brush.gleam("M500 500Q430 580 424 720", 20)
    )


def _cord() -> str:
    return brush.line("M600 0V390", palette.IRON, 10) + brush.part(brush.box(566, 340, 68, 84, 20), palette.BRASS)


def _bulb(y: int) -> str:
    return brush.flat(brush.disc(600, y + 20, 300, 220), "url(#halo)") + brush.flat(brush.disc(600, y, 64), "#fff0c2")


def _jar_candle(ink: Ink) -> str:
    return (
        _flame(600, 470)
        + brush.body(ink, brush.box(390, 520, 420, 440, 46))
        + brush.flat(brush.disc(600, 540, 196, 32), "#f7ecd0")
        + brush.line("M600 540V490", palette.IRON, 8)
        + brush.flat(brush.box(480, 680, 240, 140, 14), palette.PAPER)
        + brush.line("M520 730H680M550 772H650", ink.base, 10)
        + brush.gleam("M440 600V880")
    )


def _tapers(ink: Ink) -> str:
    def taper(x: int, top: int, colour: str) -> str:
        holder = brush.part(
            f"M{x - 60} 860H{x + 60}V890Q{x + 120} 910 {x + 130} 960H{x - 130}Q{x - 120} 910 {x - 60} 890Z",
            palette.BRASS,
        )
        return (
            _flame(x, top - 44)
            + brush.line(f"M{x} {top}V{top - 30}", palette.IRON, 7)
            + brush.part(brush.box(x - 34, top, 68, 880 - top, 26), colour)
            + holder
        )

    return taper(460, 420, ink.base) + taper(740, 320, ink.light)


def _pillar(ink: Ink) -> str:
    melt = brush.flat(
        "M400 540Q410 640 430 640Q452 640 452 580Q600 590 748 580Q750 690 772 690Q796 690 800 540Z", ink.light
    )
    return (
        _flame(600, 460)
        + brush.body(ink, brush.box(400, 520, 400, 420, 30))
        + melt
        + brush.flat(brush.disc(600, 530, 200, 36), palette.lighter(ink.base, 0.5))
        + brush.line("M600 534V480", palette.IRON, 8)
        + brush.part("M330 920H870Q860 960 800 960H400Q340 960 330 920Z", palette.BRASS)
        + brush.gleam("M446 680V880")
    )


def _flame(x: int, y: int) -> str:
    halo = brush.flat(brush.disc(x, y - 30, 170), "url(#halo)")
    return (
        halo
        + brush.flat(
            (
                f"M{x} {y - 110}Q{x + 50} {y - 30} {x + 28} {y + 4}Q{x} {y + 34} {x - 28} {y + 4}"
                f"Q{x - 50} {y - 30} {x} {y - 110}Z"
            ),
            "#f5b13f",
        )
        + brush.flat(f"M{x} {y - 50}Q{x + 24} {y - 10} {x} {y + 16}Q{x - 24} {y - 10} {x} {y - 50}Z", "#fff0b8")
    )


MOTIFS = {
    "chair": Motif("stands", 330, (_spindle_chair, _ladder_chair, _armchair, _rocker), alone=True),
    "stool": Motif("stands", 320, (_low_stool, _counter_stool), alone=True),
    "table": Motif("stands", 440, (_dining_table, _desk, _side_table, _low_table), alone=True),
    "shelf": Motif("stands", 330, (_bookcase, _wall_shelf, _peg_rail), apart=(1, 2), alone=True),
    "lamp": Motif("stands", 250, (_shade_lamp, _mushroom_lamp, _desk_lamp)),
    "pendant": Motif("hangs", 330, (_barn_pendant, _paper_moon, _bell_pendant)),
    "candle": Motif("stands", 270, (_jar_candle, _tapers, _pillar), grown=1.12),
}
