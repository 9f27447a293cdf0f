"""Outdoors: shelter, light and supper."""

from catalog.demo.forms import Family, Item, axis, colours

FAMILIES = (
    Family(
        "tents",
        "Tent",
        "tent",
        "Cairnwick",
        5200,
        (
            "We pitched it in a gale on the shingle and slept, if not well, then dry.",
            "Every seam is folded twice before it is sewn, and taped where the rain leans.",
            "Poles are numbered, for those who arrive after dark.",
        ),
        "Dry it fully before you pack it, even if that means the kitchen.",
        ("Waterproof to 4,000 mm", "Repair kit in the lid of the bag", "Spare pole section included"),
        ("camping", "outdoor"),
        (
            Item(
                "Curlew Two-Person Tent",
                "340.00",
                "A low ridge that sheds wind, with a porch for boots and stove.",
                (colours("Moss", "Rust"), axis("Season", "Three", "Four +90.00")),
                tags=("staff-pick",),
            ),
            Item(
                "Meadow Bell Tent",
                "890.00",
                "Canvas on one pole, room for a bed, a rug and a bad guitarist.",
                (axis("Width", "4 m", "5 m +210.00"),),
                colour="Oat",
                form=1,
            ),
            Item(
                "Solo Bivouac",
                "185.00",
                "Packs to the size of a loaf; you enter it like a letter an envelope.",
                colour="Slate",
                grams=1400,
            ),
            Item(
                "Family Tunnel Tent",
                "620.00",
                "Two bedrooms with a hall between, across which peace can be kept.",
                colour="Teal",
                was="740.00",
                grams=9800,
            ),
            Item(
                "Tarp Shelter",
                "98.00",
                "A square of ripstop, eighteen loops, endless discussion.",
                (colours("Olive", "Sand", "Poppy"),),
                grams=900,
            ),
            Item(
                "Den for Children",
                "74.00",
                "Four poles and a painted cloth for the end of the garden.",
                colour="Butter",
                form=1,
                pattern="stripe",
                grams=2600,
                tags=("children",),
            ),
        ),
    ),
    Family(
        "sleeping-bags",
        "Sleeping Bag",
        "sleeping_bag",
        "Cairnwick",
        1300,
        (
            "The temperature on the label is the one at which our lightest colleague was comfortable.",
            "A draft collar and a zip that does not bite its own lining.",
            "Filled in layers with offset seams, so no cold line runs across your back.",
        ),
        "Store it loose, wash it rarely, dry it with three tennis balls.",
        ("Left or right zip joins two bags", "Storage sack included", "Recycled shell"),
        ("camping", "outdoor"),
        (
            Item(
                "Goosedown Three Season Bag",
                "265.00",
                "Light, lofty, and warmer than the tent deserves.",
                (colours("Ink", "Brick"), axis("Length", "Regular", "Long +25.00")),
            ),
            Item(
                "Woolen Cabin Bag",
                "180.00",
                "Quilted wool in a cotton shell that opens out into a bed cover.",
                colour="Pine",
                pattern="check",
                was="215.00",
            ),
            Item(
                "Summer Sheet Bag",
                "48.00",
                "Silk cotton, for hostels, hot nights and in-laws.",
                colour="Sky",
                grams=260,
                more=(
                    "Packs into its own pillow pocket, about the size of a pear. "
                    "Machine wash it and it is dry within the hour."
                ),
            ),
            Item(
                "Cub Sleeping Bag",
                "86.00",
                "Grows with its owner by means of one drawcord, from age four to ten.",
                (colours("Mustard", "Sea"),),
                tags=("children",),
            ),
        ),
    ),
    Family(
        "lanterns",
        "Lantern",
        "lantern",
        "Lumenhay",
        780,
        (
            "Turns down low enough to read by without waking a tent.",
            "The guard lifts with a thumb, gloves included.",
            "Hangs from a branch, a hook or a bicycle.",
        ),
        "Wipe the glass with newspaper.",
        ("Weatherproof", "Steel and glass", "Spare glass available"),
        ("camping", "lighting"),
        (
            Item(
                "Night Heron Lantern",
                "58.00",
                "The shape of a signal lamp with a warm rechargeable heart.",
                (colours("Brick", "Pine", "Mustard", "Black"),),
                tags=("staff-pick",),
            ),
            Item(
                "Oil Storm Lantern", "39.00", "Burns twenty hours on a cup of oil and shrugs at wind.", colour="Steel"
            ),
            Item(
                "Folding Candle Lantern",
                "28.00",
                "Four panes and a roof that fold flat in a rucksack pocket.",
                colour="Brass",
                form=1,
            ),
            Item(
                "Garden Path Lanterns, Set of Three",
                "84.00",
                "Solar by day, modest by night.",
                colour="Copper",
                form=1,
                was="99.00",
                grams=1500,
            ),
            Item(
                "Pocket Torch",
                "22.00",
                "Aluminum, one button, one very good beam.",
                (colours("Slate", "Scarlet", "Leaf"),),
                form=2,
                grams=90,
                tags=("small-gift",),
                more=(
                    "Knurled for wet hands, sealed against rain, "
                    "and good for nine hours on one charge. Charge it before you need it."
                ),
            ),
        ),
    ),
    Family(
        "camp-kitchen",
        "Camp Kitchenware",
        "enamel_mug",
        "Cairnwick",
        160,
        (
            "Double-dipped enamel on steel; chips are medals.",
            "It sits on the embers without complaint.",
            "Nests with the rest of the range, with a cloth between.",
        ),
        "Wash in the stream end of the campsite, and dry it against rust.",
        ("Enameled steel", "Safe over open flame", "Dishwasher safe at home"),
        ("camping", "enamel"),
        (
            Item(
                "Enamel Camp Mug",
                "11.00",
                "Cools at the rim before the middle; everyone burns a lip only once.",
                (
                    colours("Navy", "Cream", "Scarlet", "Sage"),
                    axis("Capacity", "300 ml", "450 ml +2.00", "600 ml +4.00"),
                ),
                pattern="speckle",
            ),
            Item(
                "Supper Enamel Bowl",
                "12.00",
                "Deep, for stew on a slope.",
                (colours("White", "Navy"),),
                form=1,
                pattern="speckle",
            ),
            Item(
                "Nesting Billy Cans",
                "46.00",
                "Three pots, one lid, a handle that fits them all.",
                colour="Steel",
                form=2,
                was="56.00",
                grams=920,
            ),
            Item(
                "Campfire Toasting Fork",
                "14.00",
                "Extends to keep your eyebrows.",
                form=4,
                colour="Ash",
                grams=140,
                brand="Brambleforge",
                more=(
                    "Three steel sections slide into an ash handle no longer than a hand. "
                    "Wipe it with a crust, which you then eat."
                ),
            ),
            Item(
                "Cutlery Roll",
                "32.00",
                "Knife, fork and spoon in waxed canvas, with a slot for a bottle opener.",
                colour="Olive",
                form=3,
                sold_out=True,
                more=(
                    "The pieces are forged full size, "
                    "as no one ever enjoyed a folding spoon. Wax the cloth; wash the rest."
                ),
            ),
        ),
    ),
)
