"""Garden: packets of seed."""

from catalog.demo.forms import Family, Item, axis

FAMILIES = (
    Family(
        "vegetable-seeds",
        "Seeds",
        "seed_packet",
        "Sorrelbeck",
        15,
        (
            "Saved from plants that did well in an ordinary garden, in an ordinary bad summer.",
            "Tested for germination in January on the radiator of the shop.",
            "Open-pollinated: let one plant go to seed and you need never buy it again, which we accept.",
        ),
        "Keep the packet dry and cool; it is good for three years.",
        ("Sowing calendar inside", "Untreated seed", "Compostable packet"),
        ("seeds", "gardening", "small-gift"),
        (
            Item(
                "Purple Wigwam Bean",
                "3.20",
                "Climbs anything, crops for weeks, turns green in the pot like a magic trick.",
                colour="Plum",
            ),
            Item(
                "Old Ferry Tomato",
                "3.80",
                "Ribbed, late and lopsided, with the flavor the supermarket forgot.",
                colour="Scarlet",
                form=1,
                tags=("staff-pick",),
            ),
            Item(
                "Candlewick Carrot",
                "2.90",
                "Short and blunt, for heavy soil and impatient children.",
                colour="Ochre",
                form=1,
            ),
            Item("Snowfall Pea", "3.20", "White flowers, sweet pods; most never reach the kitchen.", colour="Leaf"),
            Item("Lamplight Squash", "3.60", "Two plants will feed a street. Plant two only.", colour="Honey", form=1),
            Item("Frost Collar Kale", "2.80", "Tastes better after the first freeze, as many of us do.", colour="Pine"),
            Item(
                "Kitchen Garden Starter Tin",
                "24.00",
                "Ten packets for a first vegetable bed, in sowing order, with a pencil and twelve labels.",
                was="30.00",
                colour="Sage",
                grams=260,
                tags=("gift",),
            ),
        ),
    ),
    Family(
        "herb-seeds",
        "Seeds",
        "seed_packet",
        "Sorrelbeck",
        12,
        (
            "Happy in a pot by the back door, where you will actually cut it.",
            "Pinch out the tips and it repays you with bushiness.",
        ),
        "Sow thinly, water from below, and wait three days longer than seems reasonable.",
        ("About 200 seeds", "Untreated seed", "Compostable packet"),
        ("seeds", "gardening", "small-gift"),
        (
            Item(
                "Bronze Fennel",
                "2.80",
                "A smoky cloud of leaf as tall as you are, alive with hoverflies.",
                colour="Copper",
                tags=("new",),
            ),
            Item(
                "Windowsill Basil",
                "2.50",
                "Small leaves, big smell, and a compact habit for the sill over a sink.",
                (axis("Pack", "Packet", "Three packets +4.00"),),
                colour="Fern",
            ),
            Item("Lemon Thyme", "2.90", "Makes a mat between paving stones that scents your shoes.", colour="Sage"),
            Item("Giant Dill", "2.60", "For pickles, potatoes and hiding behind.", colour="Mustard"),
            Item(
                "Tea Garden Mix", "3.40", "Chamomile, mint and lemon balm: sow in June, drink in August.", colour="Sea"
            ),
        ),
    ),
    Family(
        "flower-seeds",
        "Seeds",
        "seed_packet",
        "Sorrelbeck",
        10,
        (
            "Chosen for bees first and for vases second.",
            "Scatter, rake, forget, and then be delighted.",
            "Collected by hand into paper bags along the railway bank behind the shop.",
        ),
        "Sow where it is to flower, in spring or in early autumn.",
        ("Covers two square meters", "Untreated seed", "Compostable packet"),
        ("seeds", "gardening", "small-gift"),
        (
            Item(
                "Railway Poppy", "2.80", "The scarlet one that arrives wherever somebody digs.", colour="Poppy", form=2
            ),
            Item(
                "Midnight Cornflower",
                "2.80",
                "So dark a blue that bees approach it with respect.",
                colour="Navy",
                form=2,
            ),
            Item(
                "Butterwort Sunflower",
                "3.20",
                "Branching, pale as butter and no taller than a fence.",
                colour="Butter",
                form=2,
            ),
            Item(
                "Old Aunt Sweet Pea",
                "3.60",
                "Two-tone and highly scented. Cut it daily, or it will sulk.",
                colour="Heather",
                form=2,
                tags=("staff-pick",),
            ),
            Item(
                "Moth Garden Mix",
                "3.40",
                "Pale flowers that open at dusk: tobacco flower, night stock, campion.",
                colour="Slate",
                form=2,
            ),
            Item(
                "Meadow in a Bag",
                "18.50",
                "Forty native species with yellow rattle, to talk a lawn out of itself.",
                (axis("Covers", "20 square meters", "50 square meters +19.00"),),
                colour="Leaf",
                form=2,
                grams=120,
            ),
        ),
    ),
)
