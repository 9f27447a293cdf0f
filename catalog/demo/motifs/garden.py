"""Seed packets, pots, tools, cans and bird houses."""

from catalog.demo import palette
from catalog.demo.motifs import brush
from catalog.demo.motifs.brush import Ink, Motif


def _leaf_packet(ink: Ink) -> str:
    pod = brush.turned(
        brush.part("M600 420Q680 520 660 700Q640 800 600 830Q560 800 540 700Q520 520 600 420Z", palette.LEAF),
        18,
        600,
        640,
    )
    peas = "".join(brush.flat(brush.disc(x, y, 32), "#b9d08c") for x, y in ((622, 540), (604, 626), (584, 712)))
    return _packet(ink, pod + peas)


def _root_packet(ink: Ink) -> str:
    fruit = brush.part(brush.disc(600, 690, 136, 122), "#d9583f") + brush.flat(
        "M600 590L560 540L590 566L600 510L612 566L644 540Z", palette.DARK_LEAF
    )
    return _packet(
        ink, fruit + brush.gleam("M510 680Q520 620 564 604", 12) + brush.moved(brush.sprig(0, 0), 690, 700, 0.36)
    )


def _carrot_packet(ink: Ink) -> str:
    root = brush.part("M530 600Q600 560 670 600Q680 720 600 860Q520 720 530 600Z", "#e0873a")
    rings = brush.line("M552 660H600M620 710H656M566 750H604", "#b8642a", 8)
    tops = "".join(
        brush.turned(brush.moved(_blade(n), 600, 600, 0.45), angle, 600, 600) for n, angle in enumerate((-24, 0, 24))
    )
    return _packet(ink, tops + brush.turned(root + rings, 8, 600, 720))


def _squash_packet(ink: Ink) -> str:
    lobes = "".join(
        brush.part(brush.disc(x, 700, 76, 110), hue)
        for x, hue in ((510, "#c98430"), (690, "#c98430"), (600, "#e3a548"))
    )
    stalk = brush.part("M576 610Q580 540 630 520L652 546Q624 566 624 610Z", palette.DARK_LEAF)
    return _packet(ink, lobes + stalk)


def _herb_packet(ink: Ink) -> str:
    sprigs = "".join(
        brush.turned(brush.moved(brush.sprig(0, 0), 600, 870, size), angle, 600, 870)
        for angle, size in ((-22, 0.95), (22, 0.95), (0, 1.2))
    )
    return _packet(ink, sprigs)


def _flower_packet(ink: Ink) -> str:
    petals = "".join(
        brush.turned(brush.flat(brush.disc(600, 540, 40, 74), ink.base), angle, 600, 620) for angle in range(0, 360, 45)
    )
    stem = brush.line("M600 640V860", palette.DARK_LEAF, 14) + brush.flat(
        "M600 800Q520 790 500 720Q586 720 600 800ZM600 840Q680 830 700 760Q614 760 600 840Z", palette.LEAF
    )
    return _packet(ink, stem + petals + brush.part(brush.disc(600, 620, 46), "#e3ae46"))


def _packet(ink: Ink, picture: str) -> str:
    packet = brush.body(
        ink, "M340 210L390 190L440 210L490 190L540 210L600 190L660 210L710 190L760 210L810 190L860 210V1000H340Z"
    )
    return brush.turned(
        packet
        + brush.flat(brush.box(340, 262, 520, 8), ink.deep, 0.4)
        + brush.flat(brush.box(384, 400, 432, 500, 24), palette.PAPER)
        + brush.line("M440 320H760", ink.accent, 26)
        + picture
        + brush.line("M430 950H770", ink.accent, 12),
        -5,
    )


def _wide_pot(ink: Ink) -> str:
    return (
        _foliage()
        + brush.body(ink, "M370 700H830L780 920Q772 960 730 960H470Q428 960 420 920Z")
        + brush.part(brush.box(340, 630, 520, 90, 22), ink.light)
        + brush.gleam("M424 760L452 900")
    )


def _longtom(ink: Ink) -> str:
    return (
        _foliage()
        + brush.body(ink, "M430 640H770L720 930Q714 960 690 960H510Q486 960 480 930Z")
        + brush.part(brush.box(404, 570, 392, 84, 20), ink.light)
        + brush.gleam("M476 700L510 910")
    )


def _trough(ink: Ink) -> str:
    rosettes = "".join(
        brush.moved(_rosette(colour), x, 690, size)
        for x, size, colour in (
            (330, 1, "#8fae7a"),
            (500, 0.8, "#b58aa0"),
            (660, 1.1, "#7fa08a"),
            (850, 0.9, "#a9b665"),
        )
    )
    return (
        rosettes
        + brush.body(ink, "M190 700H1010L980 920Q974 960 940 960H260Q226 960 220 920Z")
        + brush.flat(brush.box(170, 684, 860, 50, 14), ink.light)
        + brush.gleam("M250 790L262 900")
    )


def _footed(ink: Ink) -> str:
    legs = brush.line("M430 860L400 950M770 860L800 950M600 870V946", palette.WOOD, 34)
    return (
        _foliage()
        + legs
        + brush.body(ink, "M350 620H850V790Q840 890 740 890H460Q360 890 350 790Z")
        + brush.flat(brush.box(336, 606, 528, 34, 17), ink.light)
        + brush.gleam("M404 680V800")
    )


def _face_pot(ink: Ink) -> str:
    curls = "".join(brush.moved(_rosette("#86a870"), x, y, 1.7) for x, y in ((450, 650), (600, 630), (750, 650)))
    eyes = brush.line(
        "M470 770Q510 800 550 770M650 770Q690 800 730 770M560 880Q600 906 640 880", ink.deep, 14
    ) + brush.line("M600 770V830", ink.dark, 12)
    cheeks = brush.flat(brush.disc(470, 850, 34) + brush.disc(730, 850, 34), "#d98a72", 0.5)
    return (
        curls
        + brush.body(ink, "M360 620H840Q880 960 700 960H500Q320 960 360 620Z")
        + eyes
        + cheeks
        + brush.gleam("M404 690Q394 790 420 870")
    )


def _hanging(ink: Ink) -> str:
    straps = brush.line("M600 140L400 560M600 140L800 560M600 140V540", palette.DARK_WOOD, 14)
    vines = brush.line(
        "M390 620Q300 760 350 920M810 620Q900 720 850 860M480 640Q440 780 470 860", palette.DARK_LEAF, 12
    )
    leaves = "".join(
        brush.turned(brush.flat(brush.disc(x, y, 22, 42), palette.LEAF), angle, x, y)
        for x, y, angle in (
            (336, 720, 30),
            (320, 810, -30),
            (350, 900, 20),
            (870, 720, -30),
            (880, 790, 30),
            (850, 850, -20),
            (450, 770, 30),
            (470, 850, -16),
        )
    )
    pot = brush.body(ink, "M350 560H850Q850 840 690 840H510Q350 840 350 560Z") + brush.flat(
        brush.box(336, 546, 528, 34, 17), ink.light
    )
    return (
        brush.moved(_foliage(), 120, -10, 0.8) + pot + straps + vines + leaves + brush.gleam("M410 640Q420 730 470 780")
    )


def _foliage() -> str:
    blades = ((600, -4, 1.3), (540, -30, 1.1), (660, 28, 1.1), (500, -56, 0.9), (700, 54, 0.9))
    return "".join(
        brush.turned(brush.moved(_blade(n), x, 660, size), angle, x, 660) for n, (x, angle, size) in enumerate(blades)
    )


def _blade(number: int) -> str:
    colour = palette.LEAF if number % 2 else palette.DARK_LEAF
    return brush.flat("M0 0Q-80 -150 0 -330Q80 -150 0 0Z", colour) + brush.line(
        "M0 -20V-270", palette.lighter(colour), 5, 0.6
    )


def _rosette(colour: str) -> str:
    petals = "".join(
        brush.turned(brush.flat("M0 0Q-30 -44 0 -84Q30 -44 0 0Z", colour), angle, 0, 0)
        for angle in (-80, -48, -16, 16, 48, 80)
    )
    return petals + brush.flat(brush.disc(0, -14, 24), palette.lighter(colour))


def _trowel(ink: Ink) -> str:
    return _tool(
        ink,
        brush.part("M500 440H700Q720 240 600 110Q480 240 500 440Z", palette.STEEL)
        + brush.line("M600 180V420", palette.darker(palette.STEEL), 10, 0.7),
    )


def _hand_fork(ink: Ink) -> str:
    return _tool(
        ink,
        brush.line("M500 130V360Q500 440 600 440Q700 440 700 360V130M600 130V440", palette.STEEL, 44)
        + brush.line("M494 150V340M594 150V380", "#fff", 8, 0.4),
    )


def _hoe(ink: Ink) -> str:
    return _tool(
        ink, brush.part("M420 180H780L740 300H460Z", palette.STEEL) + brush.line("M600 290V470", palette.STEEL, 40)
    )


def _dibber(ink: Ink) -> str:
    tip = brush.part("M540 560H660L600 130Z", palette.STEEL)
    rings = brush.line("M560 440H640M568 370H632M576 300H624", palette.darker(palette.STEEL), 10)
    return brush.turned(
        tip
        + rings
        + brush.body(ink, "M540 560H660L670 900H530Z")
        + brush.body(ink, brush.box(420, 890, 360, 110, 55))
        + brush.gleam("M570 600V860", 12),
        26,
    )


def _tool(ink: Ink, head: str) -> str:
    neck = brush.line("M600 430V600", palette.darker(palette.STEEL, 0.3), 40)
    handle = brush.body(ink, "M556 600H644Q680 760 660 960Q656 1070 600 1070Q544 1070 540 960Q520 760 556 600Z")
    return brush.turned(
        neck
        + head
        + handle
        + brush.part(brush.box(546, 580, 108, 50, 12), palette.BRASS)
        + brush.gleam("M574 680V980", 12),
        32,
    )


def _secateurs(ink: Ink) -> str:
    upper = brush.part("M560 520Q540 300 640 130Q720 240 690 420L640 560Z", palette.STEEL)
    lower = brush.part("M640 520Q560 420 470 300Q440 400 500 490L580 570Z", palette.darker(palette.STEEL))
    grips = brush.line("M570 560Q470 720 450 1020", ink.base, 76) + brush.line(
        "M640 560Q740 720 760 1000", ink.dark, 70
    )
    spring = brush.line("M560 720q40 -30 80 0q-40 30 -80 30q40 -20 80 20", palette.BRASS, 12)
    return brush.turned(
        lower
        + grips
        + upper
        + spring
        + brush.part(brush.disc(606, 560, 46), palette.BRASS)
        + brush.gleam("M548 640Q480 760 464 960", 12),
        24,
    )


def _snips(ink: Ink) -> str:
    blades = brush.part("M570 600L540 140Q600 220 640 600Z", palette.STEEL) + brush.part(
        "M630 600L660 140Q600 220 560 600Z", palette.lighter(palette.STEEL)
    )
    loops = brush.line("M580 600Q420 700 430 860Q450 980 540 960Q600 930 590 780L600 620", ink.base, 48) + brush.line(
        "M620 600Q780 700 770 860Q750 980 660 960Q600 930 610 780L600 620", ink.dark, 48
    )
    return brush.turned(blades + loops + brush.flat(brush.disc(600, 590, 26), palette.BRASS), 24)


def _allotment_can(ink: Ink) -> str:
    spout = brush.line("M700 860L960 520", ink.base, 50) + brush.turned(
        brush.part("M930 440H1050L1020 530H960Z", palette.BRASS), 38, 970, 500
    )
    handles = brush.line("M380 620Q200 620 220 780Q240 900 360 900", ink.dark, 34) + brush.line(
        "M400 560Q480 340 720 520", ink.dark, 34
    )
    return (
        handles
        + spout
        + brush.body(ink, "M350 540H740L760 910Q764 960 710 960H380Q326 960 330 910Z")
        + brush.line("M348 640H746M340 840H756", ink.dark, 10, 0.6)
        + brush.flat(brush.disc(545, 544, 196, 34), ink.light)
        + brush.flat(brush.disc(560, 548, 140, 20), ink.deep)
        + brush.gleam("M404 700V880")
    )


def _conservatory_can(ink: Ink) -> str:
    spout = brush.line("M690 880Q860 860 880 640Q890 480 1020 440", ink.base, 34)
    handle = brush.line("M420 700Q220 520 340 420Q460 340 600 600", ink.dark, 28)
    return (
        handle
        + spout
        + brush.body(
            ink, "M420 620Q560 580 700 620Q760 780 740 900Q730 960 680 960H440Q390 960 380 900Q360 780 420 620Z"
        )
        + brush.flat(brush.disc(560, 622, 136, 26), ink.light)
        + brush.flat(brush.disc(560, 624, 110, 16), ink.deep)
        + brush.gleam("M430 740Q416 820 430 890")
    )


def _gloves(ink: Ink) -> str:
    def glove(shade: str) -> str:
        hand = (
            "M440 620V330Q440 280 480 280Q516 280 518 330V290Q520 236 560 236Q600 236 602 290V320"
            "Q606 270 644 270Q684 270 684 330V400Q690 356 724 362Q758 370 752 430V640"
            "Q850 560 880 590Q906 620 850 690L740 830H460Q440 760 440 620Z"
        )
        cuff = brush.part(brush.box(430, 810, 330, 190, 30), shade)
        return (
            brush.body(ink, hand)
            + brush.line("M520 400V540M602 400V540M684 420V540", ink.deep, 7, 0.5)
            + cuff
            + brush.dashes("M446 850H744", ink.accent)
        )

    return brush.turned(brush.moved(brush.mirrored(glove(ink.deep)), 30, -10), -14) + brush.turned(
        brush.moved(glove(ink.dark), 0, 30), 12
    )


def _birdhouse(ink: Ink) -> str:
    post = brush.part(brush.box(570, 860, 60, 140), palette.DARK_WOOD)
    walls = brush.body(ink, "M360 480L600 260L840 480V880H360Z") + brush.line(
        "M360 600H840M360 720H840", ink.dark, 6, 0.4
    )
    roof = brush.line("M300 520L600 240L900 520", palette.DARK_WOOD, 60)
    hole = brush.flat(brush.disc(600, 580, 84), ink.light) + brush.flat(brush.disc(604, 586, 68), "#3d2f27")
    bird = (
        brush.part("M640 806Q640 730 720 736Q790 740 790 800L860 850L770 846Q650 860 640 806Z", "#6f8fa8")
        + brush.flat("M640 780L606 790L642 800Z", "#e0a63a")
        + brush.flat(brush.disc(674, 774, 8), "#2a2420")
    )
    return post + walls + hole + roof + brush.part(brush.box(330, 860, 540, 44, 14), palette.DARK_WOOD) + bird


def _bee_lodge(ink: Ink) -> str:
    tubes = "".join(
        brush.flat(brush.disc(x + n % 2 * 34, y, 29), "#e6cf9b")
        + brush.flat(brush.disc(x + n % 2 * 34, y, 17), "#4a3728")
        for n, y in enumerate((520, 588, 656, 724, 792))
        for x in (440, 508, 576, 644, 712)
    )
    roof = brush.line("M320 470L600 260L880 470", palette.DARK_WOOD, 56)
    bee = (
        brush.flat(brush.disc(870, 380, 46, 32), "#e3ae46")
        + brush.line("M858 354V406M882 354V406", "#2a2420", 12)
        + brush.flat(brush.disc(856, 334, 20, 30) + brush.disc(886, 334, 20, 30), "#fff", 0.8)
    )
    return (
        brush.body(ink, "M370 450L600 290L830 450V880H370Z")
        + brush.flat(brush.box(402, 474, 396, 372, 10), "#6b5140")
        + tubes
        + roof
        + brush.part(brush.box(340, 870, 520, 50, 14), palette.DARK_WOOD)
        + bee
    )


def _feeder(ink: Ink) -> str:
    seeds = brush.flat("M450 560Q600 520 750 560V800H450Z", "#c99a55") + brush.flat(
        "".join(
            brush.disc(x, y, 12, 8) for x, y in ((500, 620), (560, 680), (640, 610), (700, 700), (530, 750), (620, 760))
        ),
        "#8a6236",
    )
    perches = brush.line("M380 840H820M380 640H450M750 640H820", palette.DARK_WOOD, 20)
    tube = brush.box(440, 380, 320, 440, 30)
    return (
        brush.line("M600 300V140Q600 100 640 110", palette.IRON, 14)
        + seeds
        + brush.flat(tube, "#cfe3e2", 0.45)
        + perches
        + brush.body(ink, "M400 390Q420 280 600 270Q780 280 800 390Z")
        + brush.part("M420 810H780L740 890H460Z", ink.base)
        + brush.gleam("M486 430V760", 20)
    )


MOTIFS = {
    "seed_packet": Motif(
        "lies", 300, (_leaf_packet, _root_packet, _flower_packet, _carrot_packet, _squash_packet, _herb_packet)
    ),
    "plant_pot": Motif(
        "stands", 290, (_wide_pot, _longtom, _trough, _footed, _face_pot, _hanging), grown=1.1, apart=(5,)
    ),
    "trowel": Motif("lies", 260, (_trowel, _hand_fork, _hoe, _dibber)),
    "secateurs": Motif("lies", 280, (_secateurs, _snips)),
    "watering_can": Motif("stands", 330, (_allotment_can, _conservatory_can), grown=1.12),
    "gloves": Motif("lies", 340, (_gloves,)),
    "birdhouse": Motif("hangs", 320, (_birdhouse, _bee_lodge, _feeder)),
}
