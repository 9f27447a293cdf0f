"""Clothes, hats, socks and boots."""

from catalog.demo import palette
from catalog.demo.motifs import brush
from catalog.demo.motifs.brush import Ink, Motif


def _t_shirt(ink: Ink) -> str:
    return brush.body(ink, _SHIRT) + _collar(ink) + _shirt_seams(ink)


def _pocket_shirt(ink: Ink) -> str:
    pocket = brush.part("M660 470H780V580L720 616L660 580Z", ink.dark) + brush.dashes("M668 490H772", ink.accent)
    return brush.body(ink, _SHIRT) + _collar(ink) + _shirt_seams(ink) + pocket


_SHIRT = "M440 230Q600 320 760 230L960 320L1050 560L900 620L860 530V980Q600 1010 340 980V530L300 620L150 560L240 320Z"


def _collar(ink: Ink) -> str:
    return brush.flat("M440 230Q600 320 760 230Q720 210 600 216Q480 210 440 230Z", ink.deep) + brush.line(
        "M440 230Q600 330 760 230", ink.dark, 26
    )


def _shirt_seams(ink: Ink) -> str:
    folds = brush.line("M420 640Q440 780 410 900M780 640Q760 760 790 900", ink.deep, 9, 0.25)
    return brush.dashes("M168 540L308 596M1032 540L892 596M346 950Q600 980 854 950", ink.dark) + folds


def _sweater(ink: Ink) -> str:
    return (
        _knit_body(ink)
        + _ribs(ink)
        + brush.line("M470 250Q600 350 730 250", ink.dark, 52)
        + brush.line("M470 250Q600 350 730 250", ink.base, 8, 0.8)
    )


def _cardigan(ink: Ink) -> str:
    front = brush.flat("M470 240L600 560L730 240Q600 210 470 240Z", palette.PAPER) + brush.line(
        "M462 246L600 570V990M738 246L600 570", ink.dark, 36
    )
    buttons = "".join(brush.part(brush.disc(600, y, 20), palette.DARK_WOOD) for y in (640, 740, 840, 930))
    pockets = brush.part(brush.box(390, 740, 150, 160, 14) + brush.box(660, 740, 150, 160, 14), ink.dark)
    return _knit_body(ink) + _ribs(ink) + front + buttons + pockets


def _knit_body(ink: Ink) -> str:
    sleeve = brush.body(ink, "M430 250Q330 280 280 400L170 860L290 900L400 560Z")
    return (
        sleeve
        + brush.mirrored(sleeve)
        + brush.body(ink, "M450 240Q600 320 750 240Q830 270 850 380V980H350V380Q370 270 450 240Z")
    )


def _ribs(ink: Ink) -> str:
    hem = brush.flat(brush.box(350, 930, 500, 66, 18), ink.dark) + brush.line(
        "".join(f"M{x} 940V986" for x in range(376, 850, 28)), ink.light, 6, 0.5
    )
    cuff = brush.line("M176 852L290 888", ink.dark, 54)
    return hem + cuff + brush.mirrored(cuff) + brush.line("M396 420L372 640M804 420L828 640", ink.deep, 9, 0.35)


def _raincoat(ink: Ink) -> str:
    hood = brush.part(
        "M430 330Q420 130 600 130Q780 130 770 330Q690 400 600 400Q510 400 430 330Z", ink.dark
    ) + brush.flat("M490 330Q490 210 600 210Q710 210 710 330Q660 370 600 370Q540 370 490 330Z", ink.deep)
    sleeve = brush.body(ink, "M430 330Q330 350 290 460L210 800L330 840L410 600Z") + brush.dashes(
        "M232 770L336 800", ink.accent
    )
    coat = brush.body(
        ink, "M430 330Q600 400 770 330Q830 380 840 480L880 1010Q600 1050 320 1010L360 480Q370 380 430 330Z"
    )
    front = brush.line("M600 386V1024", ink.dark, 10) + "".join(
        brush.flat(brush.disc(632, y, 15), palette.BRASS) for y in (480, 600, 720, 840, 950)
    )
    pockets = brush.part(brush.box(396, 740, 150, 60, 14) + brush.box(690, 740, 150, 60, 14), ink.dark)
    return sleeve + brush.mirrored(sleeve) + coat + hood + front + pockets + brush.gleam("M410 470L392 680")


def _cap(ink: Ink) -> str:
    crown = brush.body(ink, "M300 700Q290 380 580 370Q850 380 860 690Q600 640 300 700Z")
    seams = brush.line("M580 372Q540 520 530 650M580 372Q720 480 760 660M580 372Q420 460 400 672", ink.deep, 7, 0.45)
    brim = brush.part("M300 690Q620 620 880 690Q1060 740 1080 830Q900 780 640 790Q420 790 300 760Z", ink.dark)
    return (
        crown
        + seams
        + brim
        + brush.part(brush.disc(580, 370, 30, 20), ink.dark)
        + brush.dashes("M360 740Q640 700 960 770", ink.accent)
        + brush.gleam("M370 590Q390 490 460 446")
    )


def _straw_hat(ink: Ink) -> str:
    brim = brush.part(brush.disc(600, 760, 470, 130), ink.base) + brush.flat(
        brush.disc(600, 744, 400, 96), ink.dark, 0.5
    )
    crown = brush.body(ink, "M350 750Q330 420 600 410Q870 420 850 750Q600 810 350 750Z")
    weave = brush.line(
        (
            "M368 560Q600 600 832 560M356 500Q600 540 842 500M420 460Q600 490 780 460"
            "M170 770Q600 910 1030 770M220 800Q600 920 980 800"
        ),
        ink.dark,
        7,
        0.5,
    )
    band = brush.flat("M349 670Q600 740 851 670L852 744Q600 810 348 744Z", "#a84f43")
    return brim + crown + weave + band + brush.gleam("M410 540Q430 470 500 446")


def _watch_cap(ink: Ink) -> str:
    return _crown(ink) + _turnup(ink)


def _bobble_hat(ink: Ink) -> str:
    tufts = "".join(
        brush.turned(brush.flat(brush.disc(600, 180, 30, 60), ink.light), angle, 600, 250)
        for angle in range(0, 360, 30)
    )
    return tufts + brush.flat(brush.disc(600, 250, 92), ink.light) + _crown(ink) + _turnup(ink)


def _crown(ink: Ink) -> str:
    crown = brush.body(ink, "M290 760Q270 330 600 320Q930 330 910 760Z")
    ribs = "".join(
        f"M{600 + x} 740Q{600 + x * 1.06:g} 520 {600 + x * 0.4:g} {330 + abs(x) * 0.14:g}" for x in range(-260, 261, 65)
    )
    return crown + brush.line(ribs, ink.deep, 8, 0.35)


def _turnup(ink: Ink) -> str:
    ribs = "".join(f"M{x} 730V870" for x in range(310, 910, 36))
    return (
        brush.part(brush.box(260, 710, 680, 180, 60), ink.dark)
        + brush.line(ribs, ink.deep, 8, 0.5)
        + brush.flat(brush.box(700, 770, 110, 70, 8), palette.PAPER)
        + brush.gleam("M350 600Q370 470 450 410")
    )


def _scarf(ink: Ink) -> str:
    fringe = brush.line(
        "".join(f"M{x} 960V{1030 + x % 4 * 6}" for x in range(340, 530, 26))
        + "".join(f"M{x} 840V{906 + x % 4 * 6}" for x in range(680, 850, 26)),
        ink.dark,
        10,
    )
    left = brush.body(ink, "M400 360L540 400L540 960H326Z")
    right = brush.body(ink, "M640 420L790 360L870 840H664Z")
    loop = brush.body(ink, "M300 300Q600 150 900 300Q930 420 860 460Q600 360 340 460Q270 420 300 300Z")
    knot = brush.body(ink, "M480 390Q600 340 720 390Q740 500 600 520Q460 500 480 390Z")
    folds = brush.line(
        "M350 330Q600 230 850 330M520 420Q600 400 680 420M420 560L400 880M760 560L790 780", ink.deep, 8, 0.35
    )
    return fringe + right + left + loop + knot + folds


def _neckerchief(ink: Ink) -> str:
    tails = brush.body(ink, "M580 620Q460 760 380 790Q480 860 600 690Q720 860 820 790Q740 760 620 620Z")
    cloth = brush.body(ink, "M180 330Q600 230 1020 330Q880 520 660 600H540Q320 520 180 330Z")
    border = brush.line("M230 356Q600 280 970 356", ink.accent, 12, 0.8)
    return (
        tails
        + cloth
        + border
        + brush.body(ink, brush.box(540, 560, 120, 110, 40))
        + brush.line("M340 420Q440 500 560 570M860 420Q760 500 640 570", ink.deep, 8, 0.35)
    )


def _socks(ink: Ink) -> str:
    def sock() -> str:
        leg = brush.body(
            ink, "M430 180H650V620Q660 700 760 760Q900 840 870 930Q840 1000 740 980Q480 930 440 760Q424 680 430 620Z"
        )
        heel = brush.flat("M434 660Q520 660 540 760Q520 850 480 850Q430 780 434 660Z", ink.dark)
        toe = brush.flat("M790 780Q900 850 868 932Q840 1000 750 982Q720 880 790 780Z", ink.dark)
        cuff = brush.part(brush.box(418, 160, 244, 110, 24), ink.dark) + brush.line(
            "".join(f"M{x} 176V254" for x in range(446, 650, 30)), ink.light, 6, 0.5
        )
        return leg + heel + toe + cuff

    return brush.turned(brush.moved(sock(), 130, -30), 6) + brush.moved(sock(), -140, 40)


def _walking_boot(ink: Ink) -> str:
    sole = brush.part("M250 880H960V930Q960 960 930 960H280Q250 960 250 930Z", palette.IRON) + brush.flat(
        "".join(brush.box(x, 944, 44, 24, 6) for x in range(280, 930, 84)), palette.IRON
    )
    boot = brush.body(ink, "M280 320H590L610 560Q640 640 800 680Q960 710 960 890H250Q240 700 280 560Z")
    cuff = brush.part(brush.box(262, 280, 346, 90, 40), ink.dark)
    laces = brush.line("M470 420L604 440M470 500L612 520M490 580L630 600M530 650L690 650", palette.PAPER, 16) + "".join(
        brush.flat(brush.disc(x, y, 13), palette.BRASS) for x, y in ((470, 420), (470, 500), (490, 580), (530, 650))
    )
    toe = brush.flat("M780 676Q960 710 960 890H800Q740 790 780 676Z", ink.dark, 0.7)
    return (
        boot
        + toe
        + cuff
        + laces
        + sole
        + brush.dashes("M290 850H930", ink.accent)
        + brush.gleam("M320 420Q306 560 296 680")
    )


def _chelsea_boot(ink: Ink) -> str:
    sole = brush.part("M270 900H960V930Q960 960 930 960H300Q270 960 270 930Z", palette.DARK_WOOD) + brush.flat(
        brush.box(270, 930, 190, 40, 6), palette.DARK_WOOD
    )
    boot = brush.body(ink, "M310 340H600Q590 560 660 640Q760 700 860 730Q970 770 960 904H270Q280 640 310 340Z")
    gusset = brush.part("M430 344H560Q560 520 500 640Q440 540 430 344Z", ink.deep) + brush.line(
        "M456 360Q460 500 492 596M496 360V600M534 360Q534 500 508 590", ink.dark, 6
    )
    tab = brush.part(brush.box(320, 290, 54, 110, 16), palette.WOOD)
    return tab + boot + gusset + sole + brush.gleam("M350 440Q340 600 330 760")


def _wellington(ink: Ink) -> str:
    def boot() -> str:
        leg = brush.body(ink, "M380 240H640L650 640Q680 720 790 770Q900 820 890 910H360Q370 600 380 240Z")
        sole = brush.part("M350 900H900V930Q900 960 870 960H370Q350 960 350 930Z", ink.deep)
        band = brush.flat(brush.box(372, 240, 274, 44, 10), ink.dark) + brush.flat(
            brush.box(364, 850, 526, 20), ink.dark, 0.6
        )
        return (
            leg
            + band
            + sole
            + brush.flat(brush.disc(508, 242, 128, 22), ink.deep)
            + brush.gleam("M424 340L414 760", 22)
        )

    return brush.moved(boot(), 110, -26) + brush.moved(boot(), -110, 0)


MOTIFS = {
    "t_shirt": Motif("lies", 400, (_t_shirt, _pocket_shirt)),
    "sweater": Motif("lies", 440, (_sweater, _cardigan)),
    "raincoat": Motif("hangs", 370, (_raincoat,)),
    "cap": Motif("lies", 400, (_cap, _straw_hat)),
    "beanie": Motif("lies", 360, (_watch_cap, _bobble_hat)),
    "scarf": Motif("lies", 400, (_scarf, _neckerchief)),
    "socks": Motif("lies", 380, (_socks,)),
    "boots": Motif("stands", 370, (_walking_boot, _chelsea_boot, _wellington)),
}
