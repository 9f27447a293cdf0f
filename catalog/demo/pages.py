"""The pages of the shop that sell nothing: who we are, how we ship, what we promise."""

from collections.abc import Iterator
from typing import Any

_PAGES = (
    (
        "About",
        "about",
        "Hobbleday is a general store in an old ropeworks by the harbor of Saltmere.",
        """
<p>Hobbleday is a general store in the old ropeworks at Saltmere, a harbor town with one traffic light and four
bakeries. We sell what we use: pans, chairs, seeds, sweaters, and the kind of pencil that is missed when it is lost.</p>
<h2>How we choose</h2>
<p>Everything on our shelves has spent a winter in one of our own homes. If it broke, we asked the maker to mend it.
If the maker was pleased to be asked, we stocked it.</p>
<ul>
<li>It can be repaired, or it is eaten.</li>
<li>We know who made it, and they know what we charge.</li>
<li>It looks better in ten years than it does today.</li>
</ul>
<p>There are nine of us, and a cat who came with the building and does not work here.</p>
""",
    ),
    (
        "Shipping and Returns",
        "shipping-and-returns",
        "When your parcel leaves, what it costs, and how to send something back.",
        """
<p>Orders placed before noon leave the ropeworks the same working day. Furniture travels on our own van, on
Thursdays.</p>
<h2>What it costs</h2>
<ul>
<li>The price of shipping is shown in your cart before you pay; nothing is added later.</li>
<li>Seeds and cards go by letter.</li>
<li>Anything you cannot lift alone is carried over your threshold.</li>
</ul>
<h2>Changed your mind?</h2>
<p>You have thirty days. Send it back as you would wish to receive it, and we refund the price within a week of its
arrival. Opened food and sown seeds are yours for good. If something came broken, a picture is enough: keep the
pieces for the garden and we will send another.</p>
""",
    ),
    (
        "Questions",
        "faq",
        "Short answers to what people ask us most.",
        """
<h2>Can I change an order?</h2>
<p>Until it is packed, yes. Write to us with the order number and be quick; Jory packs fast.</p>
<h2>Will it come back in stock?</h2>
<p>Almost always. Small makers work in batches, and a sold-out mug is usually in the kiln.</p>
<h2>Do you wrap presents?</h2>
<p>In brown paper with a sprig of something. Leave a note with your order and we will write it by hand.</p>
<h2>Do you repair things?</h2>
<p>Knives, backpacks, boots, sweaters and chairs, whether or not you can find the receipt.</p>
<h2>Is any of this real?</h2>
<p>No. Hobbleday is a demonstration shop: the goods, the makers and the cat are invented, and nothing will be sent.</p>
""",
    ),
    (
        "Contact",
        "contact",
        "Where to find the shop, and when somebody is behind the counter.",
        """
<p>The shop is at the Old Ropeworks, Quay Lane, Saltmere. Come in by the blue door; the green one is the cat's.</p>
<ul>
<li>Monday to Friday, 9 to 6</li>
<li>Saturday, 9 to 4</li>
<li>Sunday, if the light is on</li>
</ul>
<p>Write to <a href="mailto:counter@hobbleday.example">counter@hobbleday.example</a> and a person will answer,
usually before the next tide.</p>
""",
    ),
    (
        "Terms",
        "terms",
        "The agreement between you and the shop, in plain words.",
        """
<p>When you place an order you offer to buy; when we confirm it, we have agreed to sell. If we have made an honest
mistake with a price, we tell you before taking any money and you may cancel.</p>
<ul>
<li>Prices are in US dollars.</li>
<li>Goods are yours once paid for, and at our risk until they reach you.</li>
<li>Colors on screens vary; wood, wool and clay vary more.</li>
<li>Guarantees named with a product come on top of the rights you have by law.</li>
</ul>
<p>This is a demonstration shop. No contract can be made here and no payment is taken.</p>
""",
    ),
    (
        "Privacy",
        "privacy",
        "What the shop remembers about you, and for how long.",
        """
<p>We keep what is needed to send you a parcel and to answer when you ask about it: your name, address, email and
what you ordered. We do not sell it, lend it, or leave it lying on the counter.</p>
<ul>
<li>Ask, and we show you everything we hold.</li>
<li>Ask, and we delete whatever the tax office does not require us to keep.</li>
<li>Newsletters come only to those who asked for them, and stop with one click.</li>
</ul>
<p>This is a demonstration shop: please do not enter the details of real people.</p>
""",
    ),
)


def pages() -> Iterator[dict[str, Any]]:
    for name, slug, summary, body in _PAGES:
        yield {
            "kind": "page",
            "id": f"demo-page-{slug}",
            "name": name,
            "slug": slug,
            "body": body.strip(),
            "seo": {"title": f"{name} · Hobbleday", "description": summary},
        }
