"""Soft things, things for walls and shelves, and the bathroom."""

import math

from catalog.demo import palette
from catalog.demo.motifs import brush
from catalog.demo.motifs.brush import Ink, Motif


def _cushion(ink: Ink) -> str:
    edge = "M260 260Q600 320 940 260Q880 600 940 940Q600 880 260 940Q320 600 260 260Z"
    return (
        brush.body(ink, edge)
        + brush.line(edge, ink.dark, 12)
        + brush.line("M330 340Q420 400 450 460M870 340Q780 400 760 450M330 860Q420 800 440 750", ink.deep, 8, 0.3)
        + brush.gleam("M360 440Q350 600 364 740", 18)
    )


def _bolster(ink: Ink) -> str:
    return (
        brush.body(ink, "M240 470H960Q1040 480 1040 600Q1040 720 960 730H240Q160 720 160 600Q160 480 240 470Z")
        + brush.line("M250 474Q300 600 250 726M950 474Q900 600 950 726", ink.dark, 10)
        + brush.flat(brush.disc(600, 600, 16) + brush.disc(430, 600, 16) + brush.disc(770, 600, 16), ink.dark)
        + brush.gleam("M330 520H740")
    )


def _round_cushion(ink: Ink) -> str:
    pleats = "".join(
        brush.turned(brush.line("M600 570Q590 430 600 290", ink.deep, 7, 0.35), angle) for angle in range(0, 360, 30)
    )
    return (
        brush.body(ink, brush.disc(600, 600, 350))
        + brush.line(brush.disc(600, 600, 346), ink.dark, 12)
        + pleats
        + brush.part(brush.disc(600, 600, 40), ink.dark)
        + brush.gleam("M330 520A290 290 0 0 1 470 350", 20)
    )


def _blanket(ink: Ink) -> str:
    layers = "".join(
        brush.body(ink, brush.box(250 + shift, y, 700 - 2 * shift, 130, 60))
        + brush.flat(brush.box(300, y + 112, 600, 10), ink.deep, 0.35)
        for y, shift in ((820, 0), (700, 8), (580, 4))
    )
    fringe = brush.line("".join(f"M{x} 706V{770 - x % 3 * 8}" for x in range(330, 520, 22)), ink.light, 9)
    over = brush.body(ink, "M310 590Q310 560 340 560H510Q540 560 540 590V706H310Z")
    return layers + over + fringe + brush.gleam("M600 612H860", 14)


def _rug(ink: Ink) -> str:
    fringe = brush.line("".join(f"M{x} 180V240M{x} 960V1020" for x in range(330, 890, 36)), palette.PAPER, 12)
    border = brush.line(brush.box(350, 280, 500, 640), ink.accent, 14, 0.85)
    diamond = brush.flat("M600 420L720 600L600 780L480 600Z", ink.accent, 0.85) + brush.flat(
        "M600 500L666 600L600 700L534 600Z", ink.dark
    )
    return fringe + brush.body(ink, brush.box(310, 240, 580, 720, 10)) + border + diamond


def _half_moon_rug(ink: Ink) -> str:
    arcs = "".join(
        brush.line(f"M{600 - r} 790A{r} {r} 0 0 1 {600 + r} 790", ink.accent, 16, 0.85) for r in (370, 290, 120)
    )
    rays = brush.line("M600 640V530M500 680L420 600M700 680L780 600", ink.accent, 14, 0.85)
    return brush.body(ink, "M160 810A440 440 0 0 1 1040 810Z") + arcs + rays


def _braided_rug(ink: Ink) -> str:
    rings = "".join(
        brush.line(brush.disc(600, 600, r), ink.dark if r % 100 else ink.accent, 14, 0.6)
        for r in (350, 300, 250, 200, 150, 100, 50)
    )
    return brush.body(ink, brush.disc(600, 600, 400)) + rings


def _moon_jar(ink: Ink) -> str:
    return (
        _neck(ink, 420, 110)
        + brush.body(
            ink,
            (
                "M490 420H710Q740 450 790 480Q900 560 890 700Q870 900 700 960"
                "H500Q330 900 310 700Q300 560 410 480Q460 450 490 420Z"
            ),
        )
        + brush.gleam("M380 720Q376 610 450 550", 22)
    )


def _bud_vase(ink: Ink) -> str:
    stem = brush.line("M600 480Q590 330 620 250", palette.DARK_LEAF, 12) + brush.flat(
        "M606 380Q540 370 520 310Q590 310 606 380Z", palette.LEAF
    )
    petals = "".join(
        brush.turned(brush.flat(brush.disc(622, 176, 30, 54), "#e58b6f"), angle, 622, 226)
        for angle in range(0, 360, 60)
    )
    bloom = petals + brush.flat(brush.disc(622, 226, 32), "#f2c35b")
    bottle = brush.body(
        ink,
        (
            "M560 480H640Q636 600 680 680Q760 780 740 880Q720 960 650 960"
            "H550Q480 960 460 880Q440 780 520 680Q564 600 560 480Z"
        ),
    )
    return stem + bloom + _neck(ink, 480, 40) + bottle + brush.gleam("M530 760Q494 820 506 880", 14)


def _amphora(ink: Ink) -> str:
    ear = brush.line("M520 420Q390 410 400 520Q406 570 450 590", ink.dark, 30)
    branch = brush.line("M600 380Q570 220 480 120M590 280Q660 200 720 170", palette.DARK_WOOD, 12)
    buds = "".join(
        brush.flat(brush.disc(x, y, 26), "#efc0b6")
        for x, y in ((480, 120), (530, 180), (720, 170), (650, 210), (568, 250))
    )
    return (
        branch
        + buds
        + ear
        + brush.mirrored(ear)
        + _neck(ink, 380, 90)
        + brush.body(
            ink,
            (
                "M510 380H690Q680 460 720 520Q840 640 790 780Q740 900 670 960"
                "H530Q460 900 410 780Q360 640 480 520Q520 460 510 380Z"
            ),
        )
        + brush.gleam("M450 720Q440 640 500 570", 18)
    )


def _neck(ink: Ink, y: int, half: int) -> str:
    return brush.flat(brush.disc(600, y, half, half * 0.28), ink.light) + brush.flat(
        brush.disc(600, y, half - 14, half * 0.2), ink.deep
    )


def _wall_clock(ink: Ink) -> str:
    return (
        brush.body(ink, brush.disc(600, 600, 390))
        + brush.flat(brush.disc(600, 600, 330), palette.PAPER)
        + _face(600, 600, 290)
        + brush.gleam("M270 500A360 360 0 0 1 470 268", 18)
    )


def _sun_clock(ink: Ink) -> str:
    rays = "".join(
        brush.turned(brush.part("M570 330L600 120L630 330Z", ink.base if angle % 60 else palette.BRASS), angle)
        for angle in range(0, 360, 30)
    )
    return (
        rays
        + brush.body(ink, brush.disc(600, 600, 290))
        + brush.flat(brush.disc(600, 600, 240), palette.PAPER)
        + _face(600, 600, 206)
    )


def _alarm_clock(ink: Ink) -> str:
    bell = brush.turned(brush.part("M330 360A130 130 0 0 1 590 360Z", palette.BRASS), -28, 460, 360)
    feet = brush.line("M420 850L360 950M780 850L840 950", ink.dark, 44)
    hammer = brush.line("M600 320V240", palette.IRON, 18) + brush.part(brush.box(560, 210, 80, 40, 18), palette.IRON)
    return (
        feet
        + hammer
        + bell
        + brush.mirrored(bell)
        + brush.body(ink, brush.disc(600, 640, 310))
        + brush.flat(brush.disc(600, 640, 250), palette.PAPER)
        + _face(600, 640, 216)
        + brush.gleam("M350 560A260 260 0 0 1 480 410", 16)
    )


def _pendulum_clock(ink: Ink) -> str:
    case = brush.body(ink, "M480 760H720L760 1040Q600 1090 440 1040Z") + brush.flat(
        "M516 790H684L706 1010H494Z", ink.deep
    )
    bob = brush.line("M600 780V930", palette.BRASS, 14) + brush.part(brush.disc(600, 940, 50), palette.BRASS)
    dial = brush.body(ink, brush.disc(600, 470, 330)) + brush.flat(brush.disc(600, 470, 262), palette.PAPER)
    return case + bob + dial + _face(600, 470, 226) + brush.gleam("M326 400A290 290 0 0 1 480 214", 16)


def _face(x: int, y: int, r: int) -> str:
    quarters = "".join(_tick(x, y, r, r - 44, hour) for hour in (0, 3, 6, 9))
    hours = "".join(_tick(x, y, r, r - 22, hour) for hour in (1, 2, 4, 5, 7, 8, 10, 11))
    short = brush.line(f"M{x} {y}L{x - r * 0.42:.0f} {y - r * 0.3:.0f}", palette.IRON, 20)
    long = brush.line(f"M{x} {y}L{x + r * 0.4:.0f} {y - r * 0.62:.0f}", palette.IRON, 13)
    ticks = brush.line(quarters, palette.IRON, 12) + brush.line(hours, palette.IRON, 7)
    return ticks + short + long + brush.flat(brush.disc(x, y, 20), "#c9573f")


def _tick(x: int, y: int, outer: int, inner: int, hour: int) -> str:
    across, down = math.sin(math.tau * hour / 12), -math.cos(math.tau * hour / 12)
    return f"M{x + across * outer:.0f} {y + down * outer:.0f}L{x + across * inner:.0f} {y + down * inner:.0f}"


def _porthole_mirror(ink: Ink) -> str:
    return (
        brush.body(ink, brush.disc(600, 600, 390))
        + brush.flat(brush.disc(600, 600, 336), ink.deep)
        + _glass(brush.disc(600, 600, 320))
    )


def _arched_mirror(ink: Ink) -> str:
    return brush.body(ink, "M310 1020V470A290 290 0 0 1 890 470V1020Z") + _glass(
        "M356 974V470A244 244 0 0 1 844 470V974Z"
    )


def _halo_mirror(ink: Ink) -> str:
    loops = "".join(
        brush.turned(brush.line(brush.disc(600, 310, 90, 120), ink.base, 20), angle) for angle in range(0, 360, 30)
    )
    return loops + brush.body(ink, brush.disc(600, 600, 270)) + _glass(brush.disc(600, 600, 236))


def _glass(outline: str) -> str:
    glints = "M450 640L640 420M480 760L740 470M600 770L720 640"
    return brush.flat(outline, "#cfdfe2") + brush.flat(outline, "url(#shade)") + brush.line(glints, "#fff", 24, 0.5)


def _log_basket(ink: Ink) -> str:
    ends = "".join(
        brush.part(brush.disc(x, y, 84), "#a57a52")
        + brush.flat(brush.disc(x, y, 66), "#dcb988")
        + brush.line(brush.disc(x, y, 36), "#b98f5d", 8)
        for x, y in ((420, 500), (600, 450), (780, 500))
    )
    ear = brush.line("M330 560Q240 480 300 640", ink.dark, 30)
    return (
        ends
        + ear
        + brush.mirrored(ear)
        + brush.woven(ink, "M270 540H930L860 900Q850 960 790 960H410Q350 960 340 900Z")
        + brush.part(brush.box(250, 520, 700, 50, 25), ink.dark)
    )


def _hamper(ink: Ink) -> str:
    lid = brush.part("M350 360Q360 290 600 286Q840 290 850 360Z", ink.dark) + brush.part(
        brush.box(330, 350, 540, 46, 22), ink.base
    )
    tag = brush.line("M560 300Q600 240 640 300", palette.DARK_WOOD, 20)
    return tag + brush.woven(ink, "M360 390H840L810 920Q806 960 770 960H430Q394 960 390 920Z") + lid


def _egg_basket(ink: Ink) -> str:
    hoop = brush.line("M290 640Q300 250 600 250Q900 250 910 640", ink.dark, 34)
    eggs = "".join(
        brush.part(brush.disc(x, y, 70, 90), colour)
        for x, y, colour in ((430, 610, "#e9d3b5"), (560, 580, "#f6efe0"), (690, 590, "#cfa57c"), (790, 630, "#e3d8c4"))
    )
    return (
        hoop
        + eggs
        + brush.woven(ink, "M270 640H930Q940 960 700 960H500Q260 960 270 640Z")
        + brush.part(brush.box(250, 616, 700, 48, 24), ink.dark)
    )


def _pillow(ink: Ink) -> str:
    duvet = brush.body(
        ink, "M170 780Q180 720 260 730Q600 690 940 730Q1020 720 1030 780V900Q1030 960 960 960H240Q170 960 170 900Z"
    )
    fold = brush.flat("M170 790Q600 730 1030 790V850Q600 790 170 850Z", ink.light)
    back = brush.part("M330 330Q600 370 870 330Q900 460 870 600Q600 570 330 600Q300 460 330 330Z", ink.light)
    front = brush.body(ink, "M260 480Q600 530 940 480Q980 620 940 770Q600 730 260 770Q220 620 260 480Z")
    creases = brush.line("M300 520Q360 550 380 590M900 520Q840 550 826 590", ink.deep, 8, 0.35)
    return back + front + creases + duvet + fold + brush.gleam("M350 560Q480 584 560 584", 14)


def _towel(ink: Ink) -> str:
    def folded(y: int, colour: str) -> str:
        layer = brush.part(brush.box(270, y, 660, 120, 56), colour)
        return layer + brush.line(f"M330 {y + 62}H924", palette.darker(colour), 7, 0.6)

    stack = folded(840, ink.dark) + folded(716, ink.light)
    top = brush.body(ink, brush.box(270, 592, 660, 122, 56)) + brush.line("M330 654H924", ink.deep, 7, 0.5)
    rolled = brush.body(ink, brush.box(380, 476, 460, 118, 58)) + brush.flat(brush.disc(430, 535, 56), ink.light)
    spiral = brush.line("M430 535q14 -20 24 4q-2 34 -36 26q-34 -20 -6 -56q50 -26 66 20", ink.dark, 8)
    return stack + top + rolled + spiral + brush.flat(brush.box(760, 476, 22, 118), ink.accent, 0.8)


def _soap_bar(ink: Ink) -> str:
    dish = brush.part("M260 880H940Q920 960 840 960H360Q280 960 260 880Z", palette.WOOD) + brush.line(
        "M330 880V920M460 880V930M600 880V930M740 880V930M870 880V920", palette.DARK_WOOD, 10, 0.6
    )
    under = brush.part(brush.box(340, 730, 540, 150, 60), ink.light)
    over = brush.turned(
        brush.body(ink, brush.box(320, 560, 540, 170, 70))
        + brush.line(brush.box(400, 600, 380, 90, 40), ink.dark, 8, 0.5),
        -5,
        600,
        640,
    )
    bubbles = "".join(
        brush.flat(brush.disc(x, y, r), "#fff", 0.65)
        for x, y, r in ((860, 520, 44), (930, 600, 28), (800, 460, 24), (300, 700, 30))
    )
    return dish + under + over + bubbles + brush.gleam("M400 590H560", 14)


def _shaving_bowl(ink: Ink) -> str:
    foam = brush.flat(
        "M340 660Q330 560 430 570Q470 490 560 530Q640 470 700 540Q800 520 800 590Q880 600 860 670Z", "#fffaf0"
    )
    stem = brush.part(brush.box(570, 330, 60, 160, 26), palette.DARK_WOOD)
    hair = "M550 480H650L690 640H510Z"
    shaving_brush = brush.turned(
        stem + brush.flat(hair, "#e7d9be") + brush.line("M560 600L572 500M600 620V500M640 600L628 500", "#bda684", 7),
        24,
        600,
        600,
    )
    return (
        shaving_brush
        + foam
        + brush.body(ink, "M300 650H900Q900 960 700 960H500Q300 960 300 650Z")
        + brush.flat(brush.box(286, 636, 628, 36, 18), ink.light)
        + brush.gleam("M366 730Q380 830 450 890")
    )


def _pump_bottle(ink: Ink) -> str:
    pump = brush.line("M600 420V300H460", palette.IRON, 30) + brush.part(brush.box(540, 380, 120, 80, 18), palette.IRON)
    bottle = brush.body(
        ink, "M520 460H680Q800 500 800 600V900Q800 960 740 960H460Q400 960 400 900V600Q400 500 520 460Z"
    )
    label = brush.flat(brush.box(460, 640, 280, 220, 14), palette.PAPER) + brush.moved(
        brush.sprig(0, 0, ink.base), 600, 836, 0.5
    )
    return pump + bottle + label + brush.gleam("M440 620V880")


MOTIFS = {
    "cushion": Motif("lies", 360, (_cushion, _bolster, _round_cushion)),
    "blanket": Motif("stands", 370, (_blanket,), grown=1.15),
    "rug": Motif("lies", 360, (_rug, _half_moon_rug, _braided_rug), alone=True),
    "vase": Motif("stands", 260, (_moon_jar, _bud_vase, _amphora)),
    "clock": Motif("hangs", 390, (_wall_clock, _sun_clock, _alarm_clock, _pendulum_clock)),
    "mirror": Motif("hangs", 390, (_porthole_mirror, _arched_mirror, _halo_mirror)),
    "basket": Motif("stands", 330, (_log_basket, _hamper, _egg_basket), grown=1.08),
    "pillow": Motif("stands", 430, (_pillow,), alone=True),
    "towel": Motif("stands", 350, (_towel,), grown=1.2),
    "soap": Motif("stands", 330, (_soap_bar, _shaving_bowl, _pump_bottle), grown=1.2),
}
