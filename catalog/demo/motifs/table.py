"""Cups, glasses, plates, bowls, tins of tea and jars of jam."""

from catalog.demo import palette
from catalog.demo.motifs import brush
from catalog.demo.motifs.brush import Ink, Motif


def _mug(ink: Ink) -> str:
    handle = brush.line("M770 570H830Q900 570 900 640V740Q900 820 820 820H760", ink.dark, 48)
    return handle + _cup(ink, "M340 500H790V840Q790 960 680 960H450Q340 960 340 840Z", 565, 500, 225)


def _tall_mug(ink: Ink) -> str:
    handle = brush.line("M740 540H800Q860 540 860 610V750Q860 820 800 820H730", ink.dark, 44)
    return handle + _cup(ink, "M380 420H760V900Q760 960 700 960H440Q380 960 380 900Z", 570, 420, 190)


def _soup_mug(ink: Ink) -> str:
    handle = brush.line("M820 630H880Q930 630 930 690Q930 770 790 800", ink.dark, 44)
    return handle + _cup(ink, "M300 580H860Q860 960 680 960H480Q300 960 300 580Z", 580, 580, 280)


def _cup(ink: Ink, outline: str, x: int, top: int, half: int) -> str:
    return (
        brush.body(ink, outline)
        + brush.flat(brush.disc(x, top, half, half * 0.19), ink.light)
        + brush.flat(brush.disc(x, top + 4, half - 22, half * 0.19 - 10), "#5d3d2c")
        + brush.flat(brush.disc(x - 20, top + 8, half - 66, half * 0.19 - 18), "#7a5238")
        + brush.gleam(f"M{x - half + 60} {top + 120}V{top + 290}")
    )


def _espresso_cup(ink: Ink) -> str:
    handle = brush.line("M740 690H780Q830 690 830 740Q830 800 750 800", ink.dark, 34)
    cup = _cup(ink, "M420 640H750V780Q750 910 650 910H520Q420 910 420 780Z", 585, 640, 165)
    return _saucer(ink) + handle + cup


def _bell_cup(ink: Ink) -> str:
    handle = brush.line("M740 680Q840 660 830 750Q820 820 700 820", ink.dark, 34)
    cup = _cup(ink, "M380 620H790Q760 760 690 850Q660 910 620 910H550Q510 910 480 850Q410 760 380 620Z", 585, 620, 205)
    return _saucer(ink) + handle + cup


def _saucer(ink: Ink) -> str:
    return brush.part(brush.disc(590, 912, 340, 50), ink.base) + brush.flat(brush.disc(590, 904, 300, 36), ink.light)


def _tumbler(ink: Ink) -> str:
    return _glass(ink, "M400 400H800L760 910Q756 960 710 960H490Q444 960 440 910Z", 400, 200) + brush.flat(
        "M412 560H788L764 910Q758 946 710 946H490Q450 946 444 910Z", ink.base, 0.45
    )


def _facet_glass(ink: Ink) -> str:
    facets = brush.line("M470 600L490 920M560 600L566 920M640 600L634 920M730 600L710 920", ink.dark, 8, 0.5)
    drink = brush.flat("M384 640H816L776 900Q770 940 730 940H470Q430 940 424 900Z", "#d9a25a", 0.55)
    return _glass(ink, "M370 520H830L790 900Q784 960 720 960H480Q416 960 410 900Z", 520, 230) + drink + facets


def _goblet(ink: Ink) -> str:
    stem = brush.part("M570 740H630V900Q720 910 740 960H460Q480 910 570 900Z", ink.base)
    wine = brush.flat("M404 560H796Q760 744 600 744Q440 744 404 560Z", "#9a4050", 0.7)
    return stem + _glass(ink, "M390 420H810Q830 760 600 760Q370 760 390 420Z", 420, 210) + wine


def _glass(ink: Ink, outline: str, top: int, half: int) -> str:
    pattern = brush.flat(outline, ink.pattern, 0.5) if ink.pattern else ""
    return (
        brush.flat(outline, ink.base, 0.62)
        + pattern
        + brush.flat(outline, "url(#shade)")
        + brush.flat(brush.disc(600, top, half, 34), ink.light, 0.9)
        + brush.flat(brush.disc(600, top + 3, half - 14, 24), ink.base, 0.8)
        + brush.gleam(f"M{600 - half + 70} {top + 100}L{600 - half + 90} 880", 22)
    )


def _jug(ink: Ink) -> str:
    handle = brush.line("M770 500Q930 480 920 640Q910 780 800 800", ink.dark, 46)
    belly = "M410 400H770Q760 520 810 620Q870 960 680 960H490Q300 960 370 620Q410 520 400 440L320 380Z"
    return (
        handle
        + brush.body(ink, belly)
        + brush.flat("M320 380Q420 350 590 356Q770 360 772 402Q760 440 590 440Q440 440 320 380Z", ink.light)
        + brush.flat("M370 386Q470 370 590 374Q740 378 748 402Q730 424 590 424Q460 424 370 386Z", ink.deep)
        + brush.gleam("M430 640Q384 760 412 860")
    )


def _carafe(ink: Ink) -> str:
    handle = brush.line("M700 420Q860 420 850 580Q840 720 770 740", ink.dark, 38)
    return (
        handle
        + brush.body(
            ink,
            (
                "M480 300H710Q700 440 730 540Q800 700 790 880Q790 960 710 960"
                "H470Q390 960 390 880Q380 700 460 540Q490 440 480 340L420 280Z"
            ),
        )
        + brush.flat("M420 280Q500 260 590 264Q710 270 712 302Q690 326 590 326Q500 326 420 280Z", ink.light)
        + brush.gleam("M470 620Q424 740 436 870")
    )


def _plate(ink: Ink) -> str:
    return (
        brush.body(ink, brush.disc(600, 600, 400))
        + brush.flat(brush.disc(600, 600, 290), ink.dark, 0.35)
        + brush.flat(brush.disc(606, 608, 280), ink.light)
        + brush.gleam("M290 520A330 330 0 0 1 500 284", 16)
    )


def _rimmed_plate(ink: Ink) -> str:
    ring = brush.line(brush.disc(600, 600, 372), ink.accent, 20) + brush.line(brush.disc(600, 600, 340), ink.accent, 6)
    return _plate(ink) + ring


def _coupe(ink: Ink) -> str:
    return brush.turned(
        brush.body(ink, brush.disc(600, 600, 440, 320))
        + brush.flat(brush.disc(600, 606, 392, 272), ink.dark, 0.25)
        + brush.flat(brush.disc(606, 614, 380, 260), ink.light, 0.6)
        + brush.gleam("M226 560Q260 400 420 340", 16),
        -14,
    )


def _bowl(ink: Ink) -> str:
    foot = brush.part(brush.box(490, 910, 220, 50, 14), ink.dark)
    return foot + brush.body(ink, "M280 600H920Q920 930 690 930H510Q280 930 280 600Z") + _rim(ink, 600, 320, 52)


def _wide_bowl(ink: Ink) -> str:
    foot = brush.part(brush.box(480, 900, 240, 60, 14), ink.dark)
    return foot + brush.body(ink, "M200 680H1000Q940 920 700 920H500Q260 920 200 680Z") + _rim(ink, 680, 400, 64)


def _rim(ink: Ink, top: int, half: int, high: int) -> str:
    return (
        brush.flat(brush.disc(600, top, half, high), ink.light)
        + brush.flat(brush.disc(600, top + 4, half - 22, high - 14), ink.dark)
        + brush.flat(
            (
                f"M{600 - half + 40} {top + 16}Q600 {top - 20} {600 + half - 40} {top + 16}"
                f"Q600 {top + high + 20} {600 - half + 40} {top + 16}Z"
            ),
            ink.deep,
            0.35,
        )
        + brush.gleam(f"M{600 - half + 60} {top + 100}Q{600 - half + 90} {top + 190} {600 - half + 170} {top + 230}")
    )


def _tin(ink: Ink) -> str:
    return (
        brush.body(ink, brush.box(390, 430, 420, 530, 20))
        + brush.part(brush.box(380, 360, 440, 110, 24), ink.dark)
        + brush.flat(brush.box(380, 448, 440, 12), ink.deep, 0.5)
        + brush.flat(brush.disc(600, 700, 140), palette.PAPER)
        + brush.line(brush.disc(600, 700, 122), ink.base, 6)
        + brush.moved(brush.sprig(0, 0, ink.base), 600, 776, 0.4)
        + brush.gleam("M430 520V900")
    )


def _jam(ink: Ink) -> str:
    jar = "M400 520H800Q840 560 840 620V880Q840 960 760 960H440Q360 960 360 880V620Q360 560 400 520Z"
    cloth = (
        "M390 480Q380 380 600 376Q820 380 810 480Q860 540 850 570L800 540L750 576L700 544"
        "L650 580L600 546L550 580L500 544L450 576L400 540L350 570Q340 540 390 480Z"
    )
    return (
        brush.flat(jar, ink.base)
        + brush.flat(jar, "url(#shade)")
        + brush.flat(brush.disc(480, 880, 26) + brush.disc(720, 900, 20) + brush.disc(770, 830, 16), ink.deep, 0.5)
        + brush.flat(brush.box(450, 680, 300, 180, 20), palette.PAPER)
        + brush.flat(brush.disc(600, 770, 44), ink.base)
        + brush.flat("M600 736Q600 700 640 696Q640 732 600 736Z", palette.LEAF)
        + brush.part(cloth, palette.lighter(ink.base, 0.6))
        + brush.line("M392 486Q600 520 808 486", ink.dark, 14)
        + brush.gleam("M404 640V860", 18)
    )


MOTIFS = {
    "mug": Motif("stands", 300, (_mug, _tall_mug, _soup_mug), grown=1.25),
    "teacup": Motif("stands", 320, (_espresso_cup, _bell_cup), grown=1.35),
    "glass": Motif("stands", 220, (_tumbler, _facet_glass, _goblet), grown=1.2),
    "jug": Motif("stands", 290, (_jug, _carafe), grown=1.15),
    "plate": Motif("lies", 400, (_plate, _rimmed_plate, _coupe)),
    "bowl": Motif("stands", 310, (_bowl, _wide_bowl), grown=1.25),
    "tin": Motif("stands", 260, (_tin,), grown=1.2),
    "jam": Motif("stands", 280, (_jam,), grown=1.25),
}
