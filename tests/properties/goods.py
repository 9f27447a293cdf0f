"""Rules about what is sold: products, their variants and prices, and what customers say of them."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.properties.world import CATEGORIES, GOODS, PRODUCT, REVIEWS, VARIANT, WORDS, Goods, Made, World, made

# Currencies have two decimals, none or three: some prices have more than they may, and one is negative.
CURRENCIES = st.sampled_from(["USD", "USD", "USD", "EUR", "JPY", "KWD"])
PRICES = st.sampled_from(["0", "5", "7", "10", "250"])
ANY_PRICES = PRICES | st.sampled_from(["9.90", "12.345", "-1"])
SKUS = st.integers(min_value=1, max_value=99).map("SKU-{}".format)
STARS = st.sampled_from([5, 1, 4, 0])


@st.composite
def variants(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One to three variants of a product, each with an opening stock and a sku that may be taken."""
    sizes = draw(st.integers(min_value=1, max_value=3))
    currency = draw(CURRENCIES)
    return [
        {
            "sku": draw(SKUS),
            "price": draw(PRICES),
            "compareAtPrice": draw(st.none() | PRICES),
            "currency": currency,
            "inventoryQuantity": draw(st.sampled_from([3, 9, 1, 0])),
            "optionValues": [{"name": "Size", "value": str(size)}] if sizes > 1 else [],
        }
        for size in range(sizes)
    ]


class Selling(World):
    @rule(
        target=GOODS, title=WORDS, category=CATEGORIES, variants=variants(), shown=st.sampled_from([True, True, False])
    )
    def create_product(self, title: str, category: str, variants: list[dict[str, Any]], shown: bool) -> "Made[Goods]":
        values = [one["value"] for variant in variants for one in variant["optionValues"]]
        said = {
            "title": title,
            "categoryId": category,
            "status": "ACTIVE" if shown else "DRAFT",
            "options": [{"name": "Size", "values": values}] if values else [],
            "variants": variants,
        }
        payload = self.ask("productCreate", "product { id variants(first: 3) { nodes { id } } }", product=said)
        return made(payload, lambda: _goods(payload["product"]))

    @rule(
        product=PRODUCT,
        said=st.fixed_dictionaries({}, optional={"title": WORDS, "handle": WORDS, "categoryId": CATEGORIES}),
    )
    def update_product(self, product: str, said: dict[str, Any]) -> None:
        self.ask("productUpdate", id=product, product=said)

    @rule(product=PRODUCT, action=st.sampled_from(["productPublish", "productArchive"]))
    def show_or_hide_product(self, product: str, action: str) -> None:
        self.ask(action, id=product)

    @rule(
        variant=VARIANT,
        said=st.fixed_dictionaries(
            {"currency": CURRENCIES}, optional={"price": ANY_PRICES, "compareAtPrice": ANY_PRICES}
        ),
    )
    def price_variant(self, variant: str, said: dict[str, Any]) -> None:
        self.ask("productVariantUpdate", id=variant, variant=said)

    @rule(variant=VARIANT, sku=SKUS)
    def rename_variant(self, variant: str, sku: str) -> None:
        self.ask("productVariantUpdate", id=variant, variant={"sku": sku})

    @rule(target=REVIEWS, product=PRODUCT, stars=STARS, author=st.sampled_from(["alice", "sam"]))
    def write_review(self, product: str, stars: int, author: str) -> "Made[str]":
        payload = self.ask("reviewCreate", "review { id }", as_=author, productId=product, review={"rating": stars})
        return made(payload, lambda: payload["review"]["id"])

    @rule(review=REVIEWS, stars=STARS)
    def rewrite_review(self, review: str, stars: int) -> None:
        self.ask("reviewUpdate", as_="alice", id=review, review={"rating": stars})

    @rule(
        review=REVIEWS,
        action=st.sampled_from(["reviewApprove", "reviewApprove", "reviewReject", "reviewDelete", "reviewVote"]),
    )
    def judge_review(self, review: str, action: str) -> None:
        self.ask(action, id=review)


def _goods(product: dict[str, Any]) -> Goods:
    return Goods(product["id"], [one["id"] for one in product["variants"]["nodes"]])
