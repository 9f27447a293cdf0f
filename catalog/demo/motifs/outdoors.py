"""Tents, lanterns, bags, bottles and bicycle parts."""

from catalog.demo import palette
from catalog.demo.motifs import brush
from catalog.demo.motifs.brush import Ink, Motif


def _ridge_tent(ink: Ink) -> str:
    back = brush.part("M560 320L850 360L1080 950H840Z", ink.dark)
    front = brush.body(ink, "M560 320L860 956H240Z")
    door = brush.flat("M560 430L660 956H450Z", ink.deep) + brush.flat(
        "M560 430L450 956L380 956Q520 700 560 430Z", ink.light
    )
    ropes = brush.line("M560 320L120 950M850 360L1120 900", palette.PAPER, 7) + brush.line(
        "M120 940V960M1120 890V930", palette.DARK_WOOD, 18
    )
    return (
        ropes
        + back
        + front
        + door
        + brush.line("M560 300V340", palette.DARK_WOOD, 20)
        + brush.gleam("M500 520L400 760", 14)
    )


def _bell_tent(ink: Ink) -> str:
    wall = brush.part("M230 760H970L950 956H250Z", ink.dark)
    roof = brush.body(ink, "M600 240Q700 560 1000 770Q600 850 200 770Q500 560 600 240Z")
    seams = brush.line(
        "M600 250Q560 560 430 806M600 250Q640 560 770 806M600 250Q480 560 290 790M600 250Q720 560 910 790",
        ink.deep,
        6,
        0.4,
    )
    door = brush.flat("M600 560Q530 760 510 956H690Q670 760 600 560Z", ink.deep) + brush.flat(
        "M600 560Q530 760 510 956H460Q480 800 600 560Z", ink.light
    )
    flag = brush.line("M600 240V150", palette.DARK_WOOD, 12) + brush.flat("M604 150L700 180L604 210Z", "#c9573f")
    return flag + wall + roof + seams + door


def _sleeping_bag(ink: Ink) -> str:
    bag = brush.body(
        ink,
        "M600 140Q800 150 810 380Q820 700 740 980Q720 1060 600 1060Q480 1060 460 980Q380 700 390 380Q400 150 600 140Z",
    )
    quilting = "".join(
        brush.line(f"M{404 + n * 8} {y}Q600 {y + 40} {796 - n * 8} {y}", ink.deep, 7, 0.4)
        for n, y in enumerate((520, 640, 760, 880))
    )
    hood = brush.flat(brush.disc(600, 330, 140, 130), ink.deep) + brush.part(
        brush.box(490, 330, 220, 120, 50), palette.PAPER
    )
    zip_ = brush.line("M610 470V960", palette.BRASS, 12) + brush.flat(brush.box(594, 640, 34, 54, 14), palette.BRASS)
    return brush.turned(bag + quilting + hood + zip_ + brush.gleam("M440 440Q436 620 466 780"), -14)


def _storm_lantern(ink: Ink) -> str:
    frame = brush.line("M420 420Q330 600 400 840M780 420Q870 600 800 840", ink.dark, 30) + brush.line(
        "M430 380Q420 180 600 180Q780 180 770 380", palette.IRON, 16
    )
    glass = "M480 440H720Q800 600 720 780H480Q400 600 480 440Z"
    flame = (
        brush.flat(brush.disc(600, 640, 240), "url(#halo)")
        + brush.flat("M600 520Q670 620 640 690Q600 740 560 690Q530 620 600 520Z", "#f5b13f")
        + brush.flat("M600 610Q630 660 600 700Q570 660 600 610Z", "#fff0b8")
    )
    return (
        frame
        + brush.flat(glass, "#fdf2d2", 0.75)
        + flame
        + brush.body(ink, "M450 440Q460 330 600 320Q740 330 750 440Z")
        + brush.part(brush.box(540, 270, 120, 60, 18), ink.dark)
        + brush.body(ink, "M440 780H760L810 920Q814 960 770 960H430Q386 960 390 920Z")
        + brush.gleam("M470 540Q452 620 470 700")
        + brush.gleam("M470 840L446 920", 12)
    )


def _pane_lantern(ink: Ink) -> str:
    candle = (
        brush.flat(brush.disc(600, 620, 210), "url(#halo)")
        + brush.part(brush.box(540, 680, 120, 200, 18), palette.PAPER)
        + brush.flat("M600 560Q640 620 620 660Q600 684 580 660Q560 620 600 560Z", "#f5b13f")
    )
    roof = brush.body(ink, "M600 280L840 440H360Z") + brush.line(
        "M560 280Q540 190 600 190Q660 190 640 280", palette.IRON, 16
    )
    frame = brush.line("M400 440V900M800 440V900M600 440V470", ink.base, 34) + brush.part(
        brush.box(360, 430, 480, 40, 10), ink.dark
    )
    return (
        brush.flat(brush.box(400, 450, 400, 450), "#fdf2d2", 0.7)
        + candle
        + frame
        + roof
        + brush.body(ink, brush.box(350, 890, 500, 70, 16))
        + brush.gleam("M460 520V800", 16)
    )


def _torch(ink: Ink) -> str:
    beam = brush.flat("M420 380H780L960 20H240Z", "#ffefb8", 0.55)
    head = brush.part("M420 380H780L720 540H480Z", ink.dark) + brush.flat(brush.disc(600, 380, 180, 30), "#fff4cf")
    return brush.turned(
        beam
        + brush.body(ink, brush.box(490, 530, 220, 520, 44))
        + head
        + brush.part(brush.box(570, 640, 60, 100, 28), ink.light)
        + brush.line("M500 900H700M500 940H700M500 980H700", ink.deep, 10, 0.5)
        + brush.gleam("M530 580V860", 14),
        34,
    )


def _enamel_mug(ink: Ink) -> str:
    handle = brush.line("M780 600H850Q900 600 900 660V730Q900 800 780 810", ink.base, 34)
    return (
        handle
        + brush.body(ink, "M360 540H800V910Q800 960 750 960H410Q360 960 360 910Z")
        + brush.flat(brush.disc(580, 540, 228, 42), ink.deep)
        + brush.flat(brush.disc(580, 544, 206, 32), palette.PAPER)
        + brush.flat("M386 556Q580 520 774 556Q740 576 580 576Q420 576 386 556Z", "#7a5238")
        + brush.gleam("M414 640V880")
    )


def _enamel_bowl(ink: Ink) -> str:
    stew = brush.flat("M310 664Q600 610 890 664Q840 700 600 700Q360 700 310 664Z", "#b5673a") + brush.flat(
        brush.disc(500, 664, 34, 14) + brush.disc(680, 670, 40, 16), "#e0a04e"
    )
    steam = brush.line(
        "M500 580Q460 520 510 470Q550 420 510 360M690 580Q650 520 700 470Q740 420 700 360", "#fff", 18, 0.6
    )
    return (
        steam
        + brush.body(ink, "M270 660H930Q900 960 700 960H500Q300 960 270 660Z")
        + brush.flat(brush.disc(600, 660, 336, 56), ink.deep)
        + brush.flat(brush.disc(600, 664, 310, 42), palette.PAPER)
        + stew
        + brush.gleam("M340 760Q370 870 450 910")
    )


def _billy_cans(ink: Ink) -> str:
    bail = brush.line("M390 600Q380 300 600 300Q820 300 810 600", palette.IRON, 18)
    pot = brush.body(ink, brush.box(380, 560, 440, 400, 40)) + brush.flat(brush.box(380, 760, 440, 14), ink.dark, 0.7)
    lid = brush.part("M370 560Q400 480 600 476Q800 480 830 560Z", ink.light) + brush.part(
        brush.box(560, 440, 80, 44, 20), palette.DARK_WOOD
    )
    return bail + pot + lid + brush.gleam("M440 640V880")


def _camp_cutlery(ink: Ink) -> str:
    roll = brush.body(ink, brush.box(260, 560, 680, 480, 40)) + brush.dashes(
        "M290 640H910M430 640V1020M600 640V1020M770 640V1020", ink.accent
    )
    fork = brush.line("M470 180V330Q470 380 515 380Q560 380 560 330V180M515 180V600", palette.STEEL, 22)
    knife = brush.part("M330 620V220Q340 160 380 220Q400 400 390 620Z", palette.STEEL)
    spoon = brush.part(brush.disc(690, 270, 66, 96), palette.STEEL) + brush.line("M690 350V620", palette.STEEL, 26)
    tie = brush.line("M940 780Q1020 760 1060 820M940 800Q1010 840 1030 910", palette.DARK_WOOD, 18)
    return brush.turned(fork + knife + spoon + tie + roll, -6)


def _toasting_fork(ink: Ink) -> str:
    tines = brush.line("M540 130V330Q540 400 600 400Q660 400 660 330V130M600 400V760", palette.STEEL, 22)
    bread = brush.part(
        "M470 190Q450 120 530 120H670Q750 120 730 190V340Q730 360 710 360H490Q470 360 470 340Z", "#d9a765"
    )
    crumb = brush.flat("M496 196Q484 148 540 148H660Q716 148 704 196V336H496Z", "#f0d9a8")
    handle = brush.body(ink, brush.box(564, 740, 72, 320, 34)) + brush.gleam("M582 780V1000", 10)
    return brush.turned(bread + crumb + tines + handle, 30)


def _buckle_pack(ink: Ink) -> str:
    loop = brush.line("M530 260Q530 170 600 170Q670 170 670 260", palette.DARK_WOOD, 26)
    pockets = brush.part("M290 660Q220 670 226 760V860Q230 920 300 920Z", ink.dark)
    pack = brush.body(ink, "M420 250H780Q880 260 890 400V880Q890 960 810 960H390Q310 960 310 880V400Q320 260 420 250Z")
    pocket = brush.part(brush.box(390, 680, 420, 220, 36), ink.dark) + brush.dashes("M410 720H790", ink.accent)
    flap = brush.part(
        "M400 240H800Q880 250 890 380V560Q890 600 850 600H350Q310 600 310 560V380Q320 250 400 240Z", ink.light
    )
    straps = "".join(
        brush.part(brush.box(x, 480, 52, 270, 14), palette.DARK_WOOD)
        + brush.part(brush.box(x - 8, 630, 68, 56, 10), palette.BRASS)
        for x in (430, 718)
    )
    return (
        loop
        + pockets
        + brush.mirrored(pockets)
        + pack
        + pocket
        + flap
        + straps
        + brush.gleam("M362 340Q360 420 362 520")
    )


def _rolltop_pack(ink: Ink) -> str:
    strap = brush.line("M340 460Q230 600 290 880", palette.DARK_WOOD, 34)
    pack = brush.body(ink, "M350 360H850Q880 640 870 890Q866 960 800 960H400Q334 960 330 890Q320 640 350 360Z")
    roll = brush.part(brush.box(316, 250, 568, 120, 50), ink.light) + brush.line("M340 312H860", ink.deep, 8, 0.5)
    clasp = brush.part(brush.box(566, 230, 68, 330, 14), palette.DARK_WOOD) + brush.part(
        brush.box(554, 480, 92, 60, 12), palette.BRASS
    )
    pocket = brush.part(brush.box(420, 640, 360, 230, 30), ink.dark) + brush.line("M440 690H760", palette.BRASS, 12)
    return strap + brush.mirrored(strap) + pack + pocket + roll + clasp + brush.gleam("M384 440Q372 600 380 720")


def _tote(ink: Ink) -> str:
    handles = brush.line("M440 500Q430 230 600 230Q770 230 760 500", ink.deep, 34)
    greens = (
        brush.moved(brush.sprig(0, 0), 480, 560, 0.9)
        + brush.turned(brush.moved(brush.sprig(0, 0, palette.DARK_LEAF), 540, 560, 0.8), 14, 540, 560)
        + brush.turned(brush.part(brush.box(650, 330, 90, 260, 44), "#cf9a58"), 12, 690, 470)
    )
    front = brush.line("M420 540V640Q420 660 440 660M780 540V640Q780 660 760 660", ink.dark, 34)
    return (
        handles
        + greens
        + brush.body(ink, "M300 520H900L940 900Q944 960 880 960H320Q256 960 260 900Z")
        + front
        + brush.dashes("M312 552H890", ink.accent)
        + brush.gleam("M330 640L314 860")
    )


def _flask(ink: Ink) -> str:
    cap = brush.part(brush.box(510, 250, 180, 110, 24), palette.WOOD)
    return (
        brush.line("M560 250Q560 190 600 190Q640 190 640 250", palette.IRON, 16)
        + cap
        + brush.body(
            ink,
            (
                "M510 350H690Q700 430 760 480Q790 510 790 560V890Q790 960 720 960"
                "H480Q410 960 410 890V560Q410 510 440 480Q500 430 510 350Z"
            ),
        )
        + brush.flat(brush.box(410, 880, 380, 18), ink.dark, 0.7)
        + brush.gleam("M460 580V860", 20)
    )


def _thermos(ink: Ink) -> str:
    handle = brush.line("M770 500H850Q880 500 880 530V760Q880 790 850 790H770", palette.IRON, 32)
    cup = brush.part("M430 250Q430 220 460 220H740Q770 220 770 250V400H430Z", palette.STEEL)
    bands = brush.flat(brush.box(420, 400, 360, 34) + brush.box(420, 870, 360, 24), palette.STEEL)
    return (
        handle
        + cup
        + brush.body(ink, brush.box(420, 390, 360, 570, 30))
        + bands
        + brush.gleam("M470 470V840", 20)
        + brush.gleam("M474 260V370", 14)
    )


def _sleeved_bottle(ink: Ink) -> str:
    glass = brush.flat(
        "M530 340H670Q680 440 740 500V900Q740 960 690 960H510Q460 960 460 900V500Q520 440 530 340Z", "#cfe3e2", 0.8
    )
    sleeve = brush.body(ink, "M454 580H746V910Q746 960 696 960H504Q454 960 454 910Z") + brush.line(
        (
            "M470 640L500 620L530 640L560 620L590 640L620 620L650 640L680 620L730 640"
            "M470 720L500 700L530 720L560 700L590 720L620 700L650 720L680 700L730 720"
        ),
        ink.accent,
        9,
        0.7,
    )
    return (
        brush.part(brush.box(520, 240, 160, 112, 24), palette.WOOD) + glass + sleeve + brush.gleam("M500 520V880", 16)
    )


def _hip_flask(ink: Ink) -> str:
    cap = brush.part(brush.box(550, 330, 100, 90, 18), palette.STEEL) + brush.line(
        "M640 380Q720 390 720 450", palette.STEEL, 12
    )
    steel = brush.part(
        "M480 420H720Q790 430 790 520V900Q790 960 720 960H480Q410 960 410 900V520Q410 430 480 420Z", palette.STEEL
    )
    leather = brush.body(ink, "M410 560H790V850H410Z") + brush.dashes("M420 582H780M420 828H780", palette.PAPER)
    return cap + steel + leather + brush.gleam("M452 480V920", 18)


def _wicker_basket(ink: Ink) -> str:
    straps = brush.flat(brush.box(400, 420, 56, 250, 14) + brush.box(744, 420, 56, 250, 14), palette.DARK_WOOD)
    straps += brush.flat(brush.box(392, 560, 72, 52, 10) + brush.box(736, 560, 72, 52, 10), palette.BRASS)
    greens = brush.moved(brush.sprig(0, 0), 430, 520, 0.85)
    blooms = "".join(
        brush.flat(brush.disc(x, y, 46), colour)
        for x, y, colour in ((500, 340, "#e58b6f"), (590, 300, "#f6efe0"), (650, 390, "#cf7f88"))
    )
    hearts = brush.flat(brush.disc(500, 340, 18) + brush.disc(590, 300, 18) + brush.disc(650, 390, 18), "#f2c35b")
    cuts = brush.line("M722 270L770 250M722 340L770 320M722 410L770 390", "#f0d9a8", 12)
    bread = brush.turned(brush.part(brush.box(700, 200, 90, 340, 44), "#cf9a58") + cuts, 14, 740, 400)
    basket = brush.woven(ink, "M250 500H950Q930 760 880 900Q860 960 800 960H400Q340 960 320 900Q270 760 250 500Z")
    return greens + blooms + hearts + bread + basket + brush.part(brush.box(230, 470, 740, 56, 28), ink.dark) + straps


def _wire_basket(ink: Ink) -> str:
    uprights = "".join(f"M{x} 520L{600 + (x - 600) * 0.82:g} 940" for x in range(260, 960, 85))
    rows = "M268 620H932M286 720H914M304 830H896"
    parcel = (
        brush.part(brush.box(380, 560, 300, 340, 12), "#d8b27c")
        + brush.line("M530 560V900M380 720H680", "#a84f43", 14)
        + brush.part(brush.box(690, 660, 150, 240, 16), "#8fb0a0")
    )
    return (
        parcel
        + brush.part(brush.box(310, 900, 580, 50, 10), palette.WOOD)
        + brush.line(uprights + rows, ink.base, 16)
        + brush.line("M240 520H960M310 944H890", ink.dark, 34)
        + brush.line("M480 520V440H720V520", ink.dark, 24)
    )


def _bell(ink: Ink) -> str:
    bar = brush.part(brush.box(150, 820, 900, 80, 40), palette.IRON)
    clamp = brush.part(brush.box(520, 740, 160, 190, 30), palette.STEEL)
    lever = brush.part("M800 700L960 640Q990 640 980 670L820 760Z", palette.STEEL)
    return (
        bar
        + clamp
        + lever
        + brush.body(ink, "M310 720Q310 420 600 410Q890 420 890 720Q740 760 600 760Q460 760 310 720Z")
        + brush.flat("M310 720Q600 790 890 720Q740 760 600 760Q460 760 310 720Z", ink.deep)
        + brush.part(brush.disc(600, 410, 40, 28), ink.dark)
        + brush.gleam("M390 640Q410 520 510 470", 24)
    )


MOTIFS = {
    "tent": Motif("stands", 470, (_ridge_tent, _bell_tent), alone=True),
    "sleeping_bag": Motif("lies", 280, (_sleeping_bag,)),
    "lantern": Motif("stands", 270, (_storm_lantern, _pane_lantern, _torch), apart=(2,)),
    "enamel_mug": Motif(
        "stands", 300, (_enamel_mug, _enamel_bowl, _billy_cans, _camp_cutlery, _toasting_fork), grown=1.2, apart=(3, 4)
    ),
    "backpack": Motif("stands", 340, (_buckle_pack, _rolltop_pack), alone=True),
    "tote": Motif("stands", 360, (_tote,), grown=1.1, alone=True),
    "bottle": Motif("stands", 230, (_flask, _thermos, _sleeved_bottle, _hip_flask)),
    "bike_basket": Motif("stands", 340, (_wicker_basket, _wire_basket), grown=1.1, alone=True),
    "bell": Motif("lies", 420, (_bell,)),
}
