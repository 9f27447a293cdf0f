"""Soft furnishings, decoration, bed and bath."""

from catalog.demo.forms import Family, Item, axis, colours, sizes

FAMILIES = (
    Family(
        "cushions",
        "Cushion",
        "cushion",
        "Tuckwillow",
        700,
        (
            "The zip hides in the seam, and the pad is duck feather a size too big, for a proper plump.",
            "Backed in plain linen, for days when the front is too much.",
            "Piped along the edge, because cushions are judged by their edges.",
        ),
        "Cover washes at 30; hang the pad in the sun and thump it.",
        ("45 by 45 cm", "Feather pad included", "Hidden zip"),
        ("textile",),
        (
            Item(
                "Ploughed Field Cushion",
                "46.00",
                "Corded stripes in relief that feel like a furrowed hillside under a hand.",
                (colours("Ochre", "Moss", "Rust", "Fog"), axis("Filling", "Feather", "Wool +6.00")),
                pattern="stripe",
            ),
            Item(
                "Hedgehog Bouclé Cushion",
                "54.00",
                "Loops of undyed wool, springy and slightly absurd.",
                colour="Oat",
                pattern="speckle",
            ),
            Item(
                "Block Print Fern Cushion",
                "49.00",
                "Fronds stamped by eye, so they thin out toward one corner where the printer went to lunch.",
                (colours("Pine", "Blush"),),
                pattern="leaf",
                tags=("new",),
            ),
            Item(
                "Picnic Check Cushion",
                "38.00",
                "Big gingham for garden chairs, in a cotton that dries quickly and fades gracefully.",
                colour="Poppy",
                pattern="check",
                was="46.00",
            ),
            Item(
                "Long Bolster",
                "62.00",
                "A meter of buttoned ticking for the end of the bed or the draft under the door.",
                colour="Denim",
                form=1,
                pattern="pinstripe",
                more=(
                    "The ticking is woven so densely that no feather has yet found the way out. "
                    "The cover buttons off for washing at 40."
                ),
            ),
            Item(
                "Moonrise Round Cushion",
                "44.00",
                "A disk of velvet with one covered button, which children press to see what happens.",
                (colours("Butter", "Ink", "Rose"),),
                form=2,
            ),
            Item(
                "Window Seat Pad",
                "78.00",
                "Tufted through and stuffed with wool, firm enough for a whole chapter.",
                colour="Sage",
                form=1,
                grams=1600,
                more=(
                    "Filled with layers of carded wool that you can turn like a mattress. "
                    "Sponge the cover; beat the rest."
                ),
            ),
        ),
    ),
    Family(
        "blankets",
        "Blanket",
        "blanket",
        "Fleecehope",
        1250,
        (
            "Woven two valleys away on looms that were old when the weaver's mother learned on them.",
            "The fringe is twisted by hand, which takes as long as the weaving.",
            "Softened in spring water and brushed with dried teasels.",
        ),
        "Air it on a damp day; wool cleans itself when given the chance.",
        ("Pure new wool", "About 140 by 190 cm", "Moth-resistant cedar ring included"),
        ("textile", "wool", "gift"),
        (
            Item(
                "Crofter Blanket",
                "148.00",
                "A windowpane check that began as sheep marks and ended up on every sofa in the county.",
                (colours("Moss", "Heather", "Rust"),),
                pattern="check",
                tags=("staff-pick",),
            ),
            Item(
                "Porch Throw",
                "88.00",
                "Thick recycled wool for shoulders, knees and one visiting dog.",
                (colours("Slate", "Mustard", "Brick", "Sea"),),
                was="110.00",
                was_for="Sea",
                more=(
                    "Spun from sorted old sweaters, so every batch has flecks its dyer never planned. "
                    "Wash it cool and dry it over a railing."
                ),
            ),
            Item(
                "Cradle Blanket",
                "64.00",
                "Lambswool in a tiny honeycomb, light enough to breathe through.",
                (colours("Cream", "Blush"),),
                pattern="dots",
                grams=380,
                tags=("children",),
            ),
            Item(
                "Shepherd's Double Weave",
                "320.00",
                "Two cloths woven as one, dark side and light side. Turn it over when the clocks change.",
                colour="Ink",
                pattern="stripe",
                grams=2400,
            ),
            Item(
                "Linen Summer Throw",
                "96.00",
                "Loose, crumpled and cool, for the hour after swimming.",
                (colours("Chalk", "Sky", "Sand"),),
                brand="Tuckwillow",
                grams=620,
                more=(
                    "Woven open and washed twice, with a fringe that is simply the end of the cloth. "
                    "Machine wash it; wrinkles are included."
                ),
            ),
            Item(
                "Picnic Blanket with Straps",
                "92.00",
                "Waxed on the grassy side, woolly on yours, with a leather harness to carry it home.",
                colour="Pine",
                pattern="check",
                brand="Cairnwick",
                tags=("outdoor",),
            ),
        ),
    ),
    Family(
        "rugs",
        "Rug",
        "rug",
        "Tuckwillow",
        5200,
        (
            "Flat woven so that it reverses; spill on one side, entertain on the other.",
            "Dyed in small vats, with the soft change of shade that weavers call weather.",
            "A felt underlay is rolled inside, cut a thumb's width smaller all round.",
        ),
        "Shake it outdoors, turn it each season, and blot rather than rub.",
        ("Wool on cotton warp", "Reversible", "Underlay included"),
        ("textile", "wool"),
        (
            Item(
                "Harbor Stripe Rug",
                "240.00",
                "The colors of mooring ropes in the order they hang outside the chandlery.",
                (
                    colours("Navy", "Rust", "Sage"),
                    axis("Size", "70 by 140 cm", "120 by 180 cm +160.00", "170 by 240 cm +390.00"),
                ),
                pattern="stripe",
            ),
            Item(
                "Hearth Half-Moon Rug",
                "130.00",
                "A half circle for the front of the stove, with a border that hides the odd spark.",
                colour="Brick",
                form=1,
                was="160.00",
            ),
            Item(
                "Garden Plan Rug",
                "480.00",
                "Beds, paths and a small square pond, seen from above by a passing swift.",
                colour="Fern",
                pattern="check",
            ),
            Item(
                "Braided Kitchen Round",
                "115.00",
                "Coiled from shirt-factory offcuts; no two start at the same color.",
                (colours("Denim", "Straw"),),
                form=2,
                pattern="speckle",
            ),
            Item(
                "Long Hall Runner",
                "198.00",
                "Three meters of herringbone, woven tight enough for bicycles.",
                colour="Charcoal",
                pattern="pinstripe",
            ),
            Item(
                "Lambswool Bedside Rug",
                "160.00",
                "A deep tufted island for bare feet on the worst step of the day.",
                colour="Cream",
                form=2,
            ),
        ),
    ),
    Family(
        "vases",
        "Vase",
        "vase",
        "Claywhistle",
        900,
        (
            "The neck is sized from real stems, pulled up and measured by a patient apprentice.",
            "Glazed inside and out, so it never weeps onto the piano.",
            "It looks finished when empty, which is the test of a vase.",
        ),
        "Change the water before it asks, and rinse with a spoon of rice and soap.",
        ("Watertight", "Felt pads for the foot", "Signed by the maker"),
        ("decoration", "gift"),
        (
            Item(
                "Single Stem Vase",
                "18.00",
                "For the first snowdrop, the last rose, or a feather found on the way home.",
                (colours("Chalk", "Terracotta", "Teal", "Plum"),),
                form=1,
                grams=260,
                tags=("small-gift",),
            ),
            Item(
                "Moon Jar",
                "220.00",
                "Two great bowls joined rim to rim; the seam is left to show where it became one thing.",
                colour="White",
                tags=("staff-pick",),
            ),
            Item(
                "Amphora Vase",
                "96.00",
                "Two small ears and a narrow foot, thrown tall and left matte like a dry stone wall.",
                (colours("Sand", "Charcoal"),),
                form=2,
            ),
            Item(
                "Sweet Pea Vase",
                "34.00",
                "Pinched at the waist so that untidy stems stand as if posing for a portrait.",
                (colours("Lilac", "Sky", "Butter"),),
                was="42.00",
            ),
            Item(
                "Branch Vase",
                "138.00",
                "Weighted at the base with sand, so it does not mind a whole limb of cherry blossom.",
                colour="Slate",
                form=2,
                pattern="dip",
                grams=3200,
            ),
            Item(
                "Bubble Glass Vase",
                "58.00",
                "A thick bowl of glass with air trapped inside, like lemonade that has stopped the clock.",
                (colours("Clear", "Rose"),),
                brand="Glassomer",
            ),
            Item(
                "Stripe Slip Vase",
                "64.00",
                "Fine white lines trailed over dark clay with a hen's quill.",
                colour="Bark",
                pattern="stripe",
            ),
        ),
    ),
    Family(
        "clocks",
        "Clock",
        "clock",
        "Pellmore",
        900,
        (
            "It sweeps silently; there is no tick to count when you cannot sleep.",
            "Numerals were cut by a signwriter who has never owned a watch.",
            "One battery a year, and a keyhole hanger that finds level by itself.",
        ),
        "Dust it, and put it forward in spring.",
        ("Quartz movement", "Glass front", "Hanger and screw included"),
        ("decoration",),
        (
            Item(
                "Station Wall Clock",
                "112.00",
                "A pale face and bold hands that can be read from the far end of a kitchen, or a platform.",
                (colours("Black", "Brick", "Pine"),),
                tags=("staff-pick",),
            ),
            Item(
                "Walnut Sun Clock",
                "168.00",
                "Twelve rays of veneer around a brass center; the hour is wherever it looks brightest.",
                colour="Walnut",
                form=1,
            ),
            Item(
                "Pocket Alarm Clock",
                "36.00",
                "Two bells, one hammer and no way at all to go on snoozing.",
                (colours("Mustard", "Sky", "Coral"),),
                form=2,
                grams=280,
                more=(
                    "Winds with a key at the back and runs for a day and a half. "
                    "Set it a little away from the bed, for it walks."
                ),
            ),
            Item(
                "Schoolhouse Pendulum",
                "285.00",
                "Eight days on one winding, with a strike you can switch off when relatives stay.",
                form=3,
                colour="Cherry",
                sold_out=True,
                more=(
                    "The movement is brass throughout and can be serviced by anyone with a loupe and a quiet hour. "
                    "Level the case before you start it."
                ),
            ),
            Item(
                "Ceramic Plate Clock",
                "78.00",
                "A dinner plate that gave up its job to tell you when dinner is.",
                colour="Sage",
                brand="Claywhistle",
                was="92.00",
            ),
        ),
    ),
    Family(
        "mirrors",
        "Mirror",
        "mirror",
        "Pellmore",
        3800,
        (
            "Silvered the old way, with a warm cast that is kind before breakfast.",
            "The frame is joined with keys at the miters and will not open up in a heated room.",
            "It hangs by two points, so it stays straight when doors slam.",
        ),
        "Breath and a soft cloth; sprays creep behind the glass.",
        ("4 mm glass", "Moisture-sealed back", "Fixings included"),
        ("decoration",),
        (
            Item(
                "Porthole Mirror",
                "165.00",
                "A round of glass in a deep brass ring, for halls that need a window.",
                (axis("Width", "45 cm", "60 cm +55.00", "80 cm +140.00"),),
                colour="Brass",
            ),
            Item(
                "Arched Hall Mirror",
                "290.00",
                "Shaped like a doorway; small flats believe it is one.",
                (colours("Oak", "Black"),),
                form=1,
            ),
            Item("Cane Halo Mirror", "124.00", "Loops of rattan around a small bright center.", colour="Straw", form=2),
            Item(
                "Shaving Mirror",
                "68.00",
                "Swings out on a folding arm and back against the wall when the truth is no longer needed.",
                colour="Steel",
                was="79.00",
                grams=900,
            ),
        ),
    ),
    Family(
        "baskets",
        "Basket",
        "basket",
        "",
        950,
        (
            "Woven from willow cut in January, when the sap is down and the fingers are cold.",
            "The base is woven in a cross of oak laths and takes the knocks.",
            "Each of the five weavers finishes the rim a different way; collectors can tell.",
        ),
        "Mist it with water twice a year and keep it off hot pipes.",
        ("Brown or buff willow", "Made without nails", "Natural variation is the point"),
        ("storage", "natural"),
        (
            Item(
                "Log Basket",
                "94.00",
                "Two stout handles and a hessian lining that keeps the splinters in.",
                (sizes("Medium", "Large +28.00"),),
                colour="Bark",
            ),
            Item(
                "Laundry Hamper",
                "118.00",
                "Tall and lidded, with a cotton bag that lifts out and goes straight down the stairs.",
                (colours("Straw", "White"),),
                form=1,
            ),
            Item(
                "Egg Basket",
                "32.00",
                "A round belly parts the weight, so the bottom eggs survive the walk back from the hens.",
                colour="Straw",
                form=2,
                grams=320,
            ),
            Item(
                "Seagrass Shelf Basket",
                "26.00",
                "Made to sit on a bookcase and be full of chargers.",
                (sizes("Small", "Medium +6.00", "Large +14.00"),),
                colour="Natural",
                more=(
                    "Twisted from dried seagrass over a light frame, "
                    "it smells of hay when it is new. Wipe it with a damp cloth and keep it dry."
                ),
            ),
            Item(
                "Market Trug",
                "58.00",
                "Thin willow boards on an ash hoop, light as a hat and strong enough for pumpkins.",
                colour="Oak",
                form=2,
                was="68.00",
                brand="Sorrelbeck",
                more=(
                    "The boards are shaved by hand and nailed with copper, "
                    "boat fashion. It wants an airy hook and a coat of oil each spring."
                ),
            ),
        ),
    ),
)
