"""The shop's tree of categories."""

from catalog.demo.forms import Category

SHELVES = (
    Category(
        "Kitchen",
        "Pans that outlive their handles, knives worth sharpening, and the small tools that make a kitchen yours.",
        (
            Category(
                "Cookware",
                "Iron, steel and copper for every flame.",
                (
                    Category(
                        "Stovetop",
                        "For frying, simmering and the sauce that must not catch.",
                        (
                            Category("Frying Pans", "Cast, forged and spun: pans that brown properly."),
                            Category("Saucepans", "From one egg to soup for eight."),
                        ),
                    ),
                    Category(
                        "Oven",
                        "Things that go in cold and come out smelling wonderful.",
                        (
                            Category("Casseroles", "Heavy pots with heavy lids, for slow Sundays."),
                            Category("Bakeware", "Tins and dishes for bread, cake and crumble."),
                        ),
                    ),
                ),
            ),
            Category(
                "Prep",
                "Everything between the market bag and the pan.",
                (
                    Category("Kitchen Knives", "Carbon and stainless blades, ground thin."),
                    Category("Cutting Boards", "End grain, long grain and one with a handle."),
                    Category("Utensils", "Spoons, turners and ladles, mostly of wood."),
                ),
            ),
            Category(
                "Kitchen Linen",
                "Cloths that work for a living.",
                (
                    Category("Aprons", "Cover yourself. Flour travels."),
                    Category("Tea Towels", "Absorbent from the second wash, handsome from the first."),
                ),
            ),
            Category(
                "Coffee and Tea",
                "The first ten minutes of the day, taken seriously.",
                (
                    Category("Kettles", "For the stove or the socket."),
                    Category("Teapots", "Pots that pour without a dribble."),
                    Category("Coffee Makers", "Drip, press and stovetop."),
                ),
            ),
            Category("Jars and Canisters", "Where the flour, the beans and the good biscuits live."),
        ),
    ),
    Category(
        "Tableware",
        "Plates, bowls and cups that look right together without matching.",
        (
            Category(
                "Drinkware",
                "Something to hold.",
                (
                    Category(
                        "Cups",
                        "Hot drinks, large and small.",
                        (
                            Category("Mugs", "Thrown, cast and glazed; no two hands agree on the best handle."),
                            Category("Espresso Cups", "Small, thick and warm."),
                        ),
                    ),
                    Category("Glasses", "Tumblers, goblets and the everyday water glass."),
                    Category("Pitchers", "For water, milk, lemonade or tulips."),
                ),
            ),
            Category(
                "Dinnerware",
                "Sold singly, so that a breakage is not a tragedy.",
                (
                    Category("Plates", "Dinner, side and somewhere between."),
                    Category("Bowls", "Breakfast, noodles, and one to serve from."),
                    Category("Platters", "New pieces are still in the kiln."),
                ),
            ),
        ),
    ),
    Category(
        "Pantry",
        "A short shelf of good things to eat and drink.",
        (
            Category("Tea", "Loose leaf in tins that close with a sigh."),
            Category("Preserves", "Fruit, sugar and patience."),
            Category("Biscuits", "The oven is being rebuilt; back in spring."),
        ),
    ),
    Category(
        "Home",
        "Furniture, light and soft things for rooms that are lived in.",
        (
            Category(
                "Furniture",
                "Solid wood, honest joints, delivered in one piece.",
                (
                    Category(
                        "Seating",
                        "Somewhere to stay a while.",
                        (
                            Category("Chairs", "Dining, reading and rocking."),
                            Category("Stools", "Three legs or four, and never in the way."),
                        ),
                    ),
                    Category("Tables", "For dinner, for homework, for the lamp."),
                    Category("Shelving", "Because the books keep coming."),
                ),
            ),
            Category(
                "Lighting",
                "Warm light, well placed.",
                (
                    Category("Table Lamps", "Small pools of light for desks and bedsides."),
                    Category("Pendant Lights", "To hang above a table and gather people under."),
                    Category("Candles", "Beeswax and plant wax, poured slowly."),
                ),
            ),
            Category(
                "Soft Furnishings",
                "Wool, linen and cotton to lean on.",
                (
                    Category("Cushions", "Covers and feather pads, sewn together for good."),
                    Category("Blankets", "For sofas, beds and cold porches."),
                    Category("Rugs", "Flat woven and tufted, for bare boards."),
                ),
            ),
            Category(
                "Decoration",
                "Not strictly needed. That is the point.",
                (
                    Category("Vases", "For one stem or an armful."),
                    Category("Clocks", "They tick, or they do not; we say which."),
                    Category("Mirrors", "Framed in wood, brass and cane."),
                    Category("Baskets", "For logs, laundry and everything else."),
                ),
            ),
        ),
    ),
    Category(
        "Bed and Bath",
        "The first and last things you touch each day.",
        (
            Category("Bed Linen", "Washed linen and crisp cotton."),
            Category("Towels", "Thick, thirsty and quick to dry."),
            Category("Soap", "Cut by hand and cured for six weeks."),
            Category("Bath Mats", "On the loom as we speak."),
        ),
    ),
    Category(
        "Garden",
        "Seeds, soil and the tools to bring them together.",
        (
            Category(
                "Growing",
                "Begin here.",
                (
                    Category(
                        "Seeds",
                        "Open-pollinated, hand-packed, tested each winter.",
                        (
                            Category("Vegetable Seeds", "Dinner, eventually."),
                            Category("Herb Seeds", "For the windowsill and the kitchen door."),
                            Category("Flower Seeds", "For you, and for the bees."),
                        ),
                    ),
                    Category(
                        "Pots and Planters",
                        "Room for roots.",
                        (
                            Category("Garden Pots", "Clay that shrugs off frost."),
                            Category("Indoor Pots", "Glazed, with saucers, kind to windowsills."),
                        ),
                    ),
                    Category("Compost", "Too heavy to post; ask in the shop."),
                ),
            ),
            Category(
                "Garden Tools",
                "Forged heads, ash handles.",
                (
                    Category("Hand Tools", "Trowels, forks and weeders."),
                    Category("Pruning", "Clean cuts heal fast."),
                    Category("Watering Cans", "Balanced when full, which is harder than it sounds."),
                    Category("Garden Gloves", "From seed sowing to brambles."),
                ),
            ),
            Category("Birds and Bees", "Lodgings for the staff."),
        ),
    ),
    Category(
        "Outdoors",
        "For one night in the woods or a whole summer on the road.",
        (
            Category(
                "Camping",
                "Shelter, sleep and supper.",
                (
                    Category(
                        "Sleeping Out",
                        "A dry roof and a warm bag.",
                        (
                            Category("Tents", "Canvas and ripstop, for one to six."),
                            Category("Sleeping Bags", "Down and wool, rated honestly."),
                        ),
                    ),
                    Category("Lanterns", "Light for cards, cooking and ghost stories."),
                    Category("Camp Kitchen", "Enamel that can take a knock."),
                    Category("Hammocks", "Out of season, like us."),
                ),
            ),
            Category(
                "Bags",
                "Waxed canvas and bridle leather.",
                (
                    Category("Backpacks", "For school, summits and everything between."),
                    Category("Totes", "Bread, books, leeks."),
                ),
            ),
            Category("Bottles and Flasks", "Cold for a day, hot for half of one."),
            Category(
                "Cycling",
                "Slowly, with flowers in the basket.",
                (
                    Category("Bicycle Baskets", "Wicker and wire for the handlebar."),
                    Category("Bells", "A polite ding."),
                ),
            ),
        ),
    ),
    Category(
        "Stationery",
        "Paper and what to put on it.",
        (
            Category(
                "Writing",
                "Pens and pencils that ask to be picked up.",
                (
                    Category("Pens", "Fountain pens and rollers, filled or refilled."),
                    Category("Pencils", "Cedar, graphite, and one very good sharpener's worth of patience."),
                ),
            ),
            Category("Notebooks", "Sewn to lie flat."),
            Category("Cards", "For birthdays, thanks, and no reason at all."),
            Category("Prints", "Art for walls, printed in small runs."),
        ),
    ),
    Category(
        "Apparel",
        "A few good clothes, cut to last longer than fashion.",
        (
            Category(
                "Clothing",
                "Layers, in order.",
                (
                    Category(
                        "Tops",
                        "Next to the skin, or next but one.",
                        (
                            Category("T-Shirts", "Heavy cotton, knitted slowly."),
                            Category("Sweaters", "Wool from sheep we could name."),
                        ),
                    ),
                    Category("Raincoats", "Weather is only a matter of coat."),
                ),
            ),
            Category(
                "Accessories",
                "Top to toe.",
                (
                    Category("Caps", "A little shade."),
                    Category("Beanies", "A little warmth."),
                    Category("Scarves", "Long enough to share."),
                    Category("Socks", "The best present, whatever children say."),
                ),
            ),
            Category("Boots", "Resoleable, naturally."),
        ),
    ),
    Category(
        "Toys and Games",
        "For rainy afternoons and their opposite.",
        (
            Category("Wooden Toys", "Rounded, oiled, hard to break."),
            Category("Soft Toys", "Good listeners."),
            Category("Games and Puzzles", "Best with tea."),
            Category("Kites", "Waiting for the wind."),
        ),
    ),
)
