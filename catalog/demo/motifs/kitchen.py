"""Pans, knives, cloths, kettles and jars."""

from catalog.demo import palette
from catalog.demo.motifs import brush
from catalog.demo.motifs.brush import Ink, Motif


def _skillet(ink: Ink) -> str:
    handle = brush.part(brush.box(560, 80, 80, 420, 40), ink.base) + brush.flat(brush.disc(600, 134, 18), ink.deep)
    lips = brush.flat("M318 700L270 740L318 780ZM882 700L930 740L882 780Z", ink.base)
    return brush.turned(handle + lips + _pan_bowl(ink, ink.dark), 38)


def _omelet_pan(ink: Ink) -> str:
    handle = brush.line("M600 500V110", palette.BRASS, 44) + brush.line(
        "M590 480V120", palette.lighter(palette.BRASS), 8
    )
    ears = brush.part(brush.box(540, 440, 120, 70, 24), palette.BRASS)
    return brush.turned(handle + ears + _pan_bowl(ink, palette.lighter(palette.STEEL, 0.2)), 38)


def _pan_bowl(ink: Ink, floor: str) -> str:
    pattern = brush.flat(brush.disc(600, 740, 214), ink.pattern, 0.5) if ink.pattern else ""
    return (
        brush.part(brush.disc(600, 740, 290), ink.base)
        + brush.flat(brush.disc(600, 740, 254), palette.darker(floor, 0.2))
        + brush.flat(brush.disc(600, 746, 226), floor)
        + pattern
        + brush.gleam("M420 690A190 190 0 0 1 560 560", 18)
    )


def _saucepan(ink: Ink) -> str:
    return (
        brush.part(brush.box(800, 660, 310, 46, 23), palette.IRON)
        + brush.body(ink, "M350 620H830V870Q830 960 740 960H440Q350 960 350 870Z")
        + brush.flat(brush.box(336, 606, 508, 34, 17), ink.light)
        + brush.part("M366 606Q390 520 590 512Q790 520 814 606Z", palette.lighter(ink.base, 0.15))
        + brush.part(brush.box(548, 462, 84, 52, 24), palette.IRON)
        + brush.gleam("M410 690V860")
    )


def _milk_pan(ink: Ink) -> str:
    return (
        brush.turned(brush.part(brush.box(790, 600, 330, 50, 25), palette.WOOD), -10, 800, 620)
        + brush.body(ink, "M352 600L384 880Q392 960 470 960H710Q788 960 796 880L828 600Z")
        + brush.flat("M366 590L300 596L366 690Z", ink.dark)
        + brush.flat(brush.disc(590, 600, 240, 52), ink.light)
        + brush.flat(brush.disc(590, 606, 212, 36), palette.PAPER)
        + brush.flat("M382 616Q590 570 798 616Q760 643 590 643Q420 643 382 616Z", palette.darker(palette.PAPER, 0.12))
        + brush.gleam("M420 700L436 860")
    )


def _stockpot(ink: Ink) -> str:
    loop = brush.line("M350 590H300Q268 590 268 622V650Q268 682 300 682H350", palette.IRON, 30)
    return (
        loop
        + brush.mirrored(loop)
        + brush.body(ink, "M340 500H860V890Q860 960 790 960H410Q340 960 340 890Z")
        + brush.flat(brush.box(324, 484, 552, 36, 18), ink.light)
        + brush.part("M360 484Q390 412 600 404Q810 412 840 484Z", palette.lighter(ink.base, 0.15))
        + brush.part(brush.box(552, 352, 96, 54, 26), palette.IRON)
        + brush.gleam("M410 580V850")
    )


def _casserole(ink: Ink) -> str:
    return _pot(ink, 290, 660, 150)


def _oval_casserole(ink: Ink) -> str:
    return _pot(ink, 350, 720, 120)


def _braiser(ink: Ink) -> str:
    return _pot(ink, 340, 790, 170)


def _pot(ink: Ink, half: int, top: int, dome: int) -> str:
    left, right = 600 - half, 600 + half
    ear = brush.part(brush.box(left - 76, top + 26, 110, 52, 26), ink.dark)
    bowl = (
        f"M{left} {top}H{right}V{top + 130}Q{right} 960 {right - 140} 960H{left + 140}Q{left} 960 {left} {top + 130}Z"
    )
    lid = f"M{left - 8} {top}Q{left + 10} {top - dome} 600 {top - dome}Q{right - 10} {top - dome} {right + 8} {top}Z"
    return (
        ear
        + brush.mirrored(ear)
        + brush.body(ink, bowl)
        + brush.flat(bowl, ink.dark, 0.12)
        + brush.body(ink, lid)
        + brush.flat(brush.box(left - 14, top - 14, 2 * half + 28, 30, 15), ink.light)
        + brush.part(brush.box(556, top - dome - 46, 88, 52, 24), palette.BRASS)
        + brush.gleam(f"M{left + 60} {top - 40}Q{left + 90} {top - dome + 40} {left + 190} {top - dome + 28}")
        + brush.gleam(f"M{left + 50} {top + 60}V{min(top + 130, 880)}")
    )


def _loaf_tin(ink: Ink) -> str:
    crust = "M300 700Q300 560 400 560Q440 500 520 540Q600 480 680 540Q760 500 800 560Q900 560 900 700Z"
    return (
        brush.part(crust, "#c98d4e")
        + brush.line("M440 600L480 650M590 580L630 640M740 600L770 650", "#e8bd83", 16)
        + brush.body(ink, "M260 690H940L890 930Q884 960 850 960H350Q316 960 310 930Z")
        + brush.flat(brush.box(240, 676, 720, 36, 18), ink.light)
        + brush.gleam("M340 760L366 890")
    )


def _pie_dish(ink: Ink) -> str:
    slits = "M470 700L500 660M590 690L600 640M710 700L700 660"
    return (
        brush.part("M270 770Q330 640 600 630Q870 640 930 770Z", "#d9a05b")
        + brush.line(slits, "#a86c38", 14)
        + brush.body(ink, "M250 770H950L860 920Q836 960 790 960H410Q364 960 340 920Z")
        + brush.flat(brush.box(216, 750, 768, 44, 22), ink.light)
        + brush.flat(brush.box(216, 780, 768, 14, 7), ink.accent, 0.8)
        + brush.gleam("M360 830L400 910")
    )


def _bun_tin(ink: Ink) -> str:
    hollows = "".join(
        brush.flat(brush.disc(x, y, 86), ink.deep)
        + brush.flat(brush.disc(x + 8, y + 10, 74), ink.dark)
        + brush.gleam(f"M{x - 50} {y - 8}A54 54 0 0 1 {x - 4} {y - 52}", 9)
        for y in (470, 730)
        for x in (360, 600, 840)
    )
    tray = brush.body(ink, brush.box(200, 320, 800, 560, 50))
    return brush.turned(tray + brush.flat(brush.box(224, 344, 752, 512, 40), ink.light, 0.35) + hollows, -6)


def _chefs_knife(ink: Ink) -> str:
    return _knife(ink, "M590 690V130Q600 90 626 120Q800 300 800 690Z")


def _paring_knife(ink: Ink) -> str:
    return _knife(ink, "M590 690V330Q600 290 620 312Q700 440 706 690Z")


def _bread_knife(ink: Ink) -> str:
    scallops = "".join("q26 24 0 48" for _ in range(11))
    return _knife(ink, f"M590 690V120Q600 96 640 110Q700 130 716 160{scallops}V690Z")


def _cleaver(ink: Ink) -> str:
    return _knife(ink, "M590 690V200Q590 170 620 170H830Q850 170 850 200V650Q850 690 810 690Z")


def _knife(ink: Ink, blade: str) -> str:
    steel = palette.lighter(palette.STEEL, 0.35)
    pins = "".join(brush.flat(brush.disc(648, y, 12), palette.BRASS) for y in (800, 890, 980))
    drawing = (
        brush.flat(blade, steel)
        + brush.flat(blade, "url(#shade)")
        + brush.gleam("M612 640V340", 10)
        + brush.part("M586 690H720V742H586Z", palette.BRASS)
        + brush.body(ink, "M590 740H706Q690 860 724 1000Q734 1080 660 1080Q588 1080 590 1000Z")
        + pins
    )
    return brush.turned(brush.moved(drawing, -50, 0), 35)


def _plain_board(ink: Ink) -> str:
    return _grained(ink, brush.box(330, 200, 540, 800, 46)) + _hole(ink, 600, 270)


def _block(ink: Ink) -> str:
    sides = brush.flat(brush.box(214, 300, 772, 640, 40), ink.deep)
    return sides + _grained(ink, brush.box(214, 270, 772, 630, 40)) + brush.gleam("M270 330H620", 12)


def _paddle(ink: Ink) -> str:
    handle = brush.part(brush.box(552, 90, 96, 340, 48), ink.base)
    grain = "M430 520Q460 700 440 860M530 420Q510 700 540 960M640 420Q680 680 640 960M760 520Q740 700 770 830"
    face = brush.body(ink, brush.disc(600, 690, 330)) + brush.line(grain, ink.dark, 7, 0.55)
    return brush.turned(handle + _hole(ink, 600, 144) + face, 18)


def _grained(ink: Ink, outline: str) -> str:
    grain = "M400 330Q440 600 410 880M510 310Q480 600 520 910M640 310Q680 560 630 910M770 340Q740 620 780 860"
    return brush.body(ink, outline) + brush.line(grain, ink.dark, 7, 0.55)


def _hole(ink: Ink, x: int, y: int) -> str:
    return brush.flat(brush.disc(x, y, 26), ink.deep)


def _spoon(ink: Ink) -> str:
    bowl = "M600 110Q720 120 724 270Q724 400 640 430H560Q476 400 476 270Q480 120 600 110Z"
    return brush.turned(
        _stick(ink)
        + brush.body(ink, bowl)
        + brush.flat(brush.disc(604, 276, 88, 122), ink.dark, 0.6)
        + brush.gleam("M524 300Q520 200 572 164", 12),
        28,
    )


def _spurtle(ink: Ink) -> str:
    knob = brush.body(
        ink,
        (
            "M600 70Q660 80 650 150Q640 190 660 240V1000Q660 1080 600 1080"
            "Q540 1080 540 1000V240Q560 190 550 150Q540 80 600 70Z"
        ),
    )
    return brush.turned(
        knob + brush.line("M546 236H654M546 262H654", ink.deep, 8) + brush.gleam("M566 320V900", 12), 28
    )


def _ladle(ink: Ink) -> str:
    hook = brush.line("M600 140Q600 90 650 90Q690 90 690 130", ink.dark, 34)
    cup = brush.body(ink, "M390 780H810Q810 1010 600 1010Q390 1010 390 780Z")
    stem = brush.part(brush.box(574, 130, 52, 680, 24), ink.base)
    inside = brush.flat(brush.disc(600, 780, 210, 50), ink.dark)
    return brush.turned(hook + cup + inside + stem + brush.gleam("M440 850Q460 930 530 966", 14), 20)


def _turner(ink: Ink) -> str:
    blade = brush.body(ink, "M480 130H720L740 400Q740 470 640 480H560Q460 470 460 400Z")
    slots = "".join(brush.flat(brush.box(x, 190, 28, 200, 14), ink.deep) for x in (518, 586, 654))
    return brush.turned(_stick(ink) + blade + slots, 28)


def _stick(ink: Ink) -> str:
    return brush.part("M572 400H628L640 1020Q640 1084 600 1084Q560 1084 560 1020Z", ink.base) + _hole(ink, 600, 1036)


def _dipper(ink: Ink) -> str:
    rings = "".join(
        brush.part(brush.box(600 - half, y, 2 * half, 34, 16), ink.base)
        for y, half in ((130, 60), (174, 92), (218, 108), (262, 112), (306, 108), (350, 92), (394, 60))
    )
    core = brush.flat(brush.box(570, 120, 60, 320, 20), ink.deep)
    honey = brush.flat(
        "M500 420Q600 470 700 420Q690 520 630 500Q610 640 590 640Q580 500 540 510Q500 500 500 420Z", "#e0a63a", 0.9
    )
    return brush.turned(_stick(ink) + core + rings + honey, 28)


def _rolling_pin(ink: Ink) -> str:
    pin = (
        "M600 80Q640 80 650 140Q680 360 680 600Q680 840 650 1060Q640 1120 600 1120"
        "Q560 1120 550 1060Q520 840 520 600Q520 360 550 140Q560 80 600 80Z"
    )
    return brush.turned(brush.body(ink, pin) + brush.gleam("M560 260Q545 600 562 920", 14), 52)


def _apron(ink: Ink) -> str:
    strap = brush.line("M470 280Q470 130 600 130Q730 130 730 280", ink.dark, 30)
    ties = brush.line("M360 640Q250 660 220 800M840 640Q950 660 980 800", ink.dark, 24)
    bib = "M460 270H740Q750 460 850 560V1010Q850 1050 810 1050H390Q350 1050 350 1010V560Q450 460 460 270Z"
    pocket = brush.part(brush.box(450, 690, 300, 200, 20), ink.dark)
    stitches = brush.dashes("M464 716H736M600 716V880M480 300H720", ink.accent)
    return strap + ties + brush.body(ink, bib) + pocket + stitches


def _tea_towel(ink: Ink) -> str:
    hem = brush.line("M340 930H860M340 900H860", ink.accent, 10, 0.8)
    rail = brush.part(brush.box(200, 176, 800, 36, 18), palette.WOOD)
    folds = brush.line("M470 240Q480 600 462 990M735 240Q722 600 742 990", ink.deep, 8, 0.28)
    cloth = "M330 196H870V1000Q740 1020 600 1000Q460 980 330 1000Z"
    return brush.body(ink, cloth) + hem + folds + rail + brush.gleam("M240 186H560", 6)


def _kettle(ink: Ink) -> str:
    grip = brush.line("M400 560Q390 290 600 290Q810 290 800 560", palette.IRON, 30)
    wood = brush.line("M486 330Q530 292 600 290Q670 292 714 330", palette.WOOD, 54)
    spout = brush.part("M800 700Q890 680 930 570L1000 600Q980 800 820 860Z", ink.base)
    return (
        grip
        + wood
        + spout
        + brush.body(ink, "M600 500Q860 510 880 800Q890 960 800 960H400Q310 960 320 800Q340 510 600 500Z")
        + brush.part("M470 530Q490 470 600 470Q710 470 730 530Q670 550 600 550Q530 550 470 530Z", ink.light)
        + brush.part(brush.box(562, 424, 76, 54, 26), palette.WOOD)
        + brush.gleam("M390 800Q396 660 480 600")
    )


def _gooseneck(ink: Ink) -> str:
    handle = brush.line("M430 560H300Q260 560 262 610L280 850", palette.IRON, 38)
    neck = brush.line("M740 860Q880 850 880 700Q880 560 990 520", ink.dark, 40)
    return (
        handle
        + neck
        + brush.body(ink, "M450 520H730L790 890Q798 960 730 960H450Q382 960 390 890Z")
        + brush.part("M440 524Q450 460 590 456Q730 460 740 524Z", ink.light)
        + brush.part(brush.box(556, 404, 68, 56, 24), palette.IRON)
        + brush.gleam("M486 600L450 860")
    )


def _teapot(ink: Ink) -> str:
    handle = brush.line("M360 640Q210 620 220 750Q236 870 380 860", ink.dark, 44)
    spout = brush.part("M800 760Q880 740 900 600Q906 560 980 560Q960 620 960 680Q940 860 810 900Z", ink.base)
    return (
        handle
        + spout
        + brush.body(ink, "M590 560Q860 570 860 770Q850 960 700 960H480Q330 960 320 770Q320 570 590 560Z")
        + brush.part("M450 580Q470 500 590 496Q710 500 730 580Q660 604 590 604Q520 604 450 580Z", ink.light)
        + brush.part(brush.disc(590, 476, 40, 34), ink.dark)
        + brush.gleam("M382 780Q384 680 460 640")
    )


def _side_handle_pot(ink: Ink) -> str:
    handle = brush.turned(brush.part(brush.box(820, 690, 280, 84, 40), ink.dark), -24, 830, 730)
    spout = brush.part("M390 700L280 590L330 560L460 650Z", ink.dark)
    return (
        handle
        + spout
        + brush.body(ink, "M600 600Q850 610 850 790Q850 960 700 960H500Q350 960 350 790Q350 610 600 600Z")
        + brush.part("M470 620Q490 560 600 556Q710 560 730 620Q670 640 600 640Q530 640 470 620Z", ink.light)
        + brush.part(brush.disc(600, 538, 38, 30), palette.WOOD)
        + brush.gleam("M410 800Q414 710 480 680")
    )


def _cone_and_carafe(ink: Ink) -> str:
    glass = "M500 600H700L840 880Q860 960 780 960H420Q340 960 360 880Z"
    coffee = "M424 750H776L840 880Q860 960 780 960H420Q340 960 360 880Z"
    return (
        brush.flat(glass, "#dbe9e6", 0.85)
        + brush.flat(coffee, "#6a4530", 0.92)
        + brush.part(brush.box(480, 590, 240, 36, 16), palette.WOOD)
        + brush.body(ink, "M360 330H840L690 590H510Z")
        + brush.line("M470 380L552 560M600 380V560M730 380L648 560", ink.dark, 8, 0.6)
        + brush.flat(brush.box(340, 306, 520, 40, 20), ink.light)
        + brush.gleam("M420 900L520 690")
    )


def _moka(ink: Ink) -> str:
    handle = brush.line("M760 470H880Q910 470 906 510L890 690", palette.IRON, 46)
    return (
        handle
        + brush.flat("M470 440L380 400L450 540Z", ink.dark)
        + brush.part("M440 690H760L820 900Q830 960 780 960H420Q370 960 380 900Z", ink.base)
        + brush.body(ink, "M430 420H780L740 670H470Z")
        + brush.part(brush.box(430, 650, 340, 56, 18), ink.dark)
        + brush.part("M440 424Q500 350 605 346Q710 350 770 424Z", ink.light)
        + brush.part(brush.box(572, 296, 66, 56, 20), palette.IRON)
        + brush.line("M550 440L562 650M660 440L648 650M540 720L510 950M660 720L690 950", ink.dark, 6, 0.5)
        + brush.gleam("M490 470L506 620M462 740L430 900", 12)
    )


def _press(ink: Ink) -> str:
    handle = brush.line("M770 480H880Q900 480 900 510V800Q900 830 880 830H770", palette.IRON, 34)
    return (
        handle
        + brush.line("M600 420V260", palette.STEEL, 16)
        + brush.part(brush.disc(600, 240, 50, 40), palette.IRON)
        + brush.body(ink, brush.box(420, 420, 360, 540, 34))
        + brush.flat(brush.box(420, 860, 360, 26), ink.dark, 0.7)
        + brush.flat("M420 450L360 430L420 520Z", ink.dark)
        + brush.part("M404 430Q420 370 600 366Q780 370 796 430Z", palette.STEEL)
        + brush.gleam("M470 500V820")
    )


def _grinder(ink: Ink) -> str:
    crank = brush.line("M600 350V290H800", palette.IRON, 22) + brush.part(brush.disc(806, 256, 40, 50), palette.WOOD)
    return (
        crank
        + brush.part("M440 500Q450 360 600 350Q750 360 760 500Z", palette.BRASS)
        + brush.part(brush.box(380, 490, 440, 44, 14), ink.dark)
        + brush.body(ink, brush.box(400, 530, 400, 380, 16))
        + brush.flat(brush.box(450, 680, 300, 180, 14), ink.dark)
        + brush.part(brush.box(464, 694, 272, 152, 12), ink.light)
        + brush.flat(brush.disc(600, 770, 24), palette.BRASS)
        + brush.part(brush.box(350, 904, 500, 56, 18), ink.dark)
        + brush.gleam("M436 570V650", 12)
    )


def _canister(ink: Ink) -> str:
    return (
        brush.body(ink, brush.box(370, 460, 460, 500, 50))
        + brush.flat(brush.box(470, 640, 260, 150, 18), palette.PAPER)
        + brush.line("M510 690H690M510 736H640", palette.darker(palette.PAPER, 0.4), 10)
        + brush.part(brush.box(350, 392, 500, 84, 26), palette.WOOD)
        + brush.part(brush.box(556, 336, 88, 60, 26), palette.DARK_WOOD)
        + brush.gleam("M420 540V880")
    )


def _corked_jar(ink: Ink) -> str:
    jar = "M400 480H800Q830 560 830 620V890Q830 960 760 960H440Q370 960 370 890V620Q370 560 400 480Z"
    return (
        brush.flat(jar, ink.light, 0.75)
        + brush.flat("M382 690Q500 660 600 690Q700 716 818 690V890Q818 948 760 948H440Q382 948 382 890Z", "#d8b478")
        + brush.flat(jar, ink.base, 0.3)
        + brush.part("M430 370H770L750 500H450Z", "#c39a6b")
        + brush.flat(brush.box(392, 474, 416, 26, 13), ink.dark, 0.6)
        + brush.gleam("M424 600V880", 20)
    )


def _crock(ink: Ink) -> str:
    ear = brush.line("M360 660Q290 660 290 720Q290 780 352 780", ink.dark, 34)
    return (
        ear
        + brush.mirrored(ear)
        + brush.body(ink, "M370 540H830Q880 660 860 840Q850 960 760 960H440Q350 960 340 840Q320 660 370 540Z")
        + brush.part("M340 540Q360 440 600 430Q840 440 860 540Z", palette.WOOD)
        + brush.part(brush.disc(600, 414, 46, 36), palette.DARK_WOOD)
        + brush.gleam("M402 640Q384 760 402 850")
    )


def _salt_pig(ink: Ink) -> str:
    return (
        brush.body(ink, "M560 430Q860 430 860 760Q860 960 720 960H460Q340 960 340 800Q340 430 560 430Z")
        + brush.flat(brush.disc(510, 690, 150, 140), ink.light)
        + brush.flat(brush.disc(514, 696, 124, 114), ink.deep)
        + brush.flat("M400 740Q514 690 630 740Q600 812 514 812Q430 812 400 740Z", palette.PAPER)
        + brush.part(brush.disc(590, 420, 50, 40), ink.dark)
        + brush.gleam("M740 560Q790 640 790 740")
    )


MOTIFS = {
    "frying_pan": Motif("lies", 320, (_skillet, _omelet_pan)),
    "saucepan": Motif("stands", 380, (_saucepan, _milk_pan, _stockpot), grown=1.1),
    "casserole": Motif("stands", 390, (_casserole, _oval_casserole, _braiser), grown=1.12),
    "loaf_tin": Motif("stands", 370, (_loaf_tin, _pie_dish, _bun_tin), grown=1.2, apart=(2,)),
    "knife": Motif("lies", 300, (_chefs_knife, _paring_knife, _bread_knife, _cleaver)),
    "board": Motif("lies", 340, (_plain_board, _block, _paddle)),
    "spoon": Motif("lies", 300, (_spoon, _spurtle, _ladle, _turner, _dipper, _rolling_pin)),
    "apron": Motif("hangs", 340, (_apron,)),
    "tea_towel": Motif("hangs", 420, (_tea_towel,)),
    "kettle": Motif("stands", 370, (_kettle, _gooseneck), grown=1.08),
    "teapot": Motif("stands", 380, (_teapot, _side_handle_pot), grown=1.2),
    "dripper": Motif("stands", 290, (_cone_and_carafe, _moka, _press, _grinder), grown=1.08),
    "canister": Motif("stands", 280, (_canister, _corked_jar, _crock, _salt_pig), grown=1.15),
}
