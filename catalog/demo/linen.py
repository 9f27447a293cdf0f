"""Bed and bath, and the pantry's tea and preserves."""

from catalog.demo.forms import Family, Item, axis, colours

FAMILIES = (
    Family(
        "bed-linen",
        "Bed Linen",
        "pillow",
        "Tuckwillow",
        1400,
        (
            "Stone-washed until it gives up being crisp and becomes kind.",
            "Coconut buttons, because zips are cold on the feet.",
            "Corner ties hold the quilt where it was put.",
        ),
        "Wash at 40, dry outdoors, ignore the iron.",
        ("European flax or long-staple cotton", "Pre-washed", "Sewn two streets away"),
        ("textile", "bedroom"),
        (
            Item(
                "Rumpled Linen Duvet Cover",
                "168.00",
                "Looks slept in from the first night, and sleeps better every night after.",
                (
                    colours("Chalk", "Sage", "Clay", "Denim"),
                    axis("Size", "Single", "Double +38.00", "King +62.00", "Super King +88.00"),
                ),
                tags=("staff-pick",),
            ),
            Item(
                "Percale Pillowcase",
                "22.00",
                "The cool side of the pillow, on both sides.",
                (colours("White", "Sky", "Fog"),),
                grams=160,
            ),
            Item(
                "Pajama Stripe Bed Set",
                "145.00",
                "The stripe of a good pair of pajamas, which you may now wear as well without being seen.",
                (axis("Size", "Single", "Double +30.00", "King +50.00"),),
                colour="Denim",
                pattern="pinstripe",
                was="175.00",
            ),
            Item(
                "Buckwheat Pillow",
                "48.00",
                "Rustles like a walk through stubble, and holds a head exactly where it is put.",
                colour="Natural",
                grams=1900,
                more=(
                    "Unzip it and pour out hulls until the height is yours. "
                    "Air the filling in the sun and wash the case at 40."
                ),
            ),
            Item(
                "Patchwork Quilt",
                "380.00",
                "Four hundred and twenty pieces of shirting, hand-quilted on winter Wednesdays.",
                colour="Rose",
                pattern="check",
                grams=2300,
                tags=("gift",),
                more=(
                    "Backed with brushed cotton and filled with a thin sheet of wool. "
                    "Wash it cool, once a year, on the line by noon."
                ),
            ),
        ),
    ),
    Family(
        "towels",
        "Towel",
        "towel",
        "Tuckwillow",
        520,
        (
            "Long loops on one side for drying, short ones on the other for rubbing warm.",
            "Woven without softeners, so it works from the first bath.",
            "It dries on the rail before the next person wants it.",
        ),
        "Wash at 60 and skip the softener; it only waterproofs them.",
        ("600 g cotton", "Sewn-in hanging loop", "Certified organic"),
        ("textile", "bathroom"),
        (
            Item(
                "Bathhouse Towel",
                "24.00",
                "Dense and heavy in the hand, like the ones that are chained to good hotels.",
                (
                    colours("White", "Sea", "Clay"),
                    axis(
                        "Size",
                        "Face",
                        "Guest +4.00",
                        "Hand +8.00",
                        "Bath +22.00",
                        "Sheet +36.00",
                    ),
                ),
                tags=("staff-pick",),
            ),
            Item(
                "Waffle Travel Towel",
                "32.00",
                "Rolls to the size of a baguette and dries on a bicycle.",
                (colours("Slate", "Butter"),),
                pattern="check",
                grams=240,
            ),
            Item(
                "Seaside Stripe Towel",
                "46.00",
                "Wide enough for changing under with dignity, or nearly.",
                (colours("Navy", "Coral"),),
                pattern="stripe",
                was="58.00",
            ),
            Item(
                "Linen Bath Towel",
                "58.00",
                "Brisk at first, then soft; it takes about as long as a friendship.",
                colour="Natural",
                more=(
                    "A honeycomb of pure flax that dries you fast and itself faster. Wash at 60; it softens every time."
                ),
            ),
            Item(
                "Hooded Otter Towel",
                "36.00",
                "A hood, two ears and whiskers, for small swimmers with blue lips.",
                colour="Bark",
                grams=380,
                tags=("children",),
            ),
        ),
    ),
    Family(
        "soap",
        "Soap",
        "soap",
        "Suddery",
        130,
        (
            "Stirred in a forty-liter kettle and cut with a harp of piano wire.",
            "Six weeks on the cedar rack make it hard, mild and long lasting.",
            "The wrapper is seed paper: plant it, water it, wash your hands.",
        ),
        "Keep it out of the puddle and it will last a month.",
        ("Olive, coconut and rapeseed oil", "Scented with plants only", "About 120 g"),
        ("bathroom", "small-gift"),
        (
            Item(
                "Gardener's Scrub Soap",
                "7.50",
                "Poppy seed and pumice, for hands that have been somewhere interesting.",
                colour="Moss",
                pattern="speckle",
                tags=("gardening",),
            ),
            Item(
                "Oat and Honey Bar",
                "6.50",
                "Milled oats and a spoon of moor honey; it smells of a kind breakfast.",
                colour="Honey",
            ),
            Item("Sea Lavender Bar", "6.50", "A salt bar that lathers like surf.", colour="Lilac", pattern="wave"),
            Item(
                "Pine Tar Soap",
                "8.00",
                "Dark, medicinal, beloved of fishermen, and of anyone who has tried it once.",
                colour="Bark",
            ),
            Item(
                "Shaving Soap in a Bowl",
                "24.00",
                "A beech bowl with a puck of bentonite soap that makes cream in twenty turns of the brush.",
                (axis("Scent", "Cedar", "Vetiver", "None"),),
                colour="Birch",
                form=1,
                tags=("gift",),
            ),
            Item(
                "Soap Ends, Half a Kilo",
                "12.00",
                "The first and last slice of every loaf, gloriously mixed.",
                colour="Blush",
                pattern="stripe",
                was="15.00",
                grams=500,
            ),
            Item(
                "Bottled Hand Wash",
                "16.00",
                "Rosemary and black pepper, in glass, with a pump that outlives many refills.",
                (axis("Scent", "Rosemary", "Fig"), axis("Fill", "Bottle", "Refill +8.00")),
                colour="Sage",
                form=2,
                grams=620,
                more=(
                    "Made of the same oils as our bars and thinned with rose water. "
                    "When it runs out, refill the bottle and keep the pump."
                ),
            ),
        ),
    ),
    Family(
        "tea",
        "Tea",
        "tin",
        "Kettlecombe",
        140,
        (
            "Packed by hand on Tuesdays in the room above the shop.",
            "The tin closes airtight and afterwards holds forty-one marbles or one sewing kit.",
            "Enough for about forty cups, or one house guest.",
        ),
        "Keep it dry and away from the coffee, which is a bad influence.",
        ("Loose leaf, 100 g", "Refill pouches available in the shop", "Best within a year"),
        ("food", "tea", "small-gift"),
        (
            Item(
                "Saltmere Breakfast Tea",
                "11.00",
                "Brisk, malty and the color of a new penny; it stands up to milk and Mondays.",
                (axis("Pack", "100 g", "250 g +12.00"),),
                colour="Brick",
            ),
            Item(
                "Smoke Signal Tea",
                "13.50",
                "Dried over pine embers, it tastes of a tent in the best possible way.",
                colour="Charcoal",
            ),
            Item(
                "Meadow Chamomile",
                "9.50",
                "Whole flower heads that open in the pot like a very slow firework.",
                colour="Butter",
                pattern="dots",
            ),
            Item(
                "Rainy Window Earl Gray",
                "12.00",
                "Bergamot peel rather than oil, and a few blue petals for the look of it.",
                colour="Sky",
                pattern="stripe",
            ),
            Item(
                "Garden Mint and Fennel",
                "9.00",
                "Two plants from the same bed, dried the day they are cut. For after dinner, or instead of it.",
                colour="Fern",
                pattern="leaf",
                tags=("staff-pick",),
            ),
            Item(
                "Six Small Teas",
                "28.00",
                "Six sample tins in a drawer box, for the aunt who says she likes anything.",
                colour="Plum",
                was="34.00",
                grams=320,
                tags=("gift",),
            ),
        ),
    ),
    Family(
        "preserves",
        "Preserve",
        "jam",
        "",
        420,
        (
            "Cooked in copper, twelve jars at a time, by a retired signalman and his daughter.",
            "More fruit than sugar, which is why it slides.",
            "The label is stamped with the week of the harvest.",
        ),
        "Keep in the refrigerator once opened, if it lasts that long.",
        ("340 g jar", "No colors, no thickeners", "Vegetarian"),
        ("food", "small-gift"),
        (
            Item("Whole Strawberry Jam", "8.50", "Small late berries, left whole and suspended.", colour="Scarlet"),
            Item(
                "Burnt Orange Marmalade",
                "9.00",
                "Taken a shade further than is respectable, with peel cut thick and a bitter finish.",
                colour="Honey",
                tags=("staff-pick",),
            ),
            Item(
                "Hedgerow Jelly",
                "8.00",
                "Rose hips, haws and crab apples, strained overnight through a clean pillowcase.",
                colour="Rose",
            ),
            Item(
                "Heather Honey",
                "14.00",
                "From eleven hives on the moor road: thick, amber and slightly smoky.",
                (axis("Jar", "240 g", "480 g +11.00"),),
                colour="Ochre",
                more=(
                    "Pressed from the comb, never heated, and set so softly that it spreads on warm toast. "
                    "It keeps for as long as you can resist it."
                ),
            ),
            Item(
                "Damson Plum Butter",
                "9.50",
                "Plums cooked down until the spoon stands up by itself. Try it with cheddar.",
                colour="Plum",
            ),
            Item(
                "Green Tomato Chutney",
                "7.50",
                "What became of the tomatoes that ran out of summer, with ginger and mustard seed.",
                colour="Olive",
                sold_out=True,
            ),
        ),
    ),
)
