"""What customers of the demo shop said: a few reviews of its best-known products, and one that waits for staff."""

from typing import NamedTuple


class Opinion(NamedTuple):
    """A review of the product with this handle."""

    handle: str
    author_name: str
    rating: int
    title: str
    body: str
    is_shown: bool = True


OPINIONS = (
    Opinion(
        "anvil-skillet",
        "Marguerite T.",
        5,
        "The last skillet",
        "Eggs slide, steaks do not stick, and the two lips pour for my left hand as for my right.",
    ),
    Opinion(
        "anvil-skillet",
        "Jonas W.",
        4,
        "Heavy, as promised",
        "Everything it should be. I bought the 24 cm after lifting the 28 cm once.",
    ),
    Opinion(
        "anvil-skillet", "Priya S.", 5, "", "Third breakfast, already darker and slicker. They were right about that."
    ),
    Opinion(
        "anvil-skillet",
        "Anonymous",
        2,
        "Rusted",
        "It spent a night in the sink and rusted. I have read the last line of the description now.",
    ),
    Opinion(
        "anvil-skillet",
        "Henk V.",
        5,
        "For the induction stove too",
        "It hums a little when it heats up, and it heats evenly.",
        is_shown=False,
    ),
    Opinion(
        "larkrise-omelet-pan",
        "Claire B.",
        5,
        "Rolls by itself",
        "A flick of the wrist, as they say. My daughter turns omelets now.",
    ),
    Opinion(
        "larkrise-omelet-pan", "Tomás R.", 3, "Good, but small", "One omelet at a time; we are four, and impatient."
    ),
    Opinion(
        "copper-sunday-pan",
        "Ewa K.",
        4,
        "A pleasure, and a job",
        "It cooks like nothing else we own. Polishing it is what Sundays are for.",
    ),
    Opinion("old-ferry-tomato", "Ruth A.", 5, "Ugly and wonderful", "They split, they lean, and they taste of August."),
    Opinion("windowsill-basil", "Dev P.", 4, "", "Up in six days on a north window. It does want to be eaten."),
)
