"""Rules about what is sold: products, their variants and prices, and what customers say of them."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.properties.world import CATEGORIES, GOODS, PRODUCT, REVIEWS, VARIANT, WORDS, Goods, Made, World, made

# Of currencies with two decimals, none and three; some have more decimals than they may, and one is negative.
PRICES = st.sampled_from(["0", "5", "9.90", "10", "12.345", "250", "-1"])
CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD"])
SKUS = st.integers(min_value=1, max_value=99).map("SKU-{}".format)
STARS = st.integers(min_value=0, max_value=5)


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
            "inventoryQuantity": draw(st.integers(min_value=0, max_value=5)),
            "optionValues": [{"name": "Size", "value": str(size)}] if sizes > 1 else [],
        }
        for size in range(sizes)
    ]


class Selling(World):
    @rule(target=GOODS, title=WORDS, category=CATEGORIES, variants=variants(), shown=st.booleans())
    def create_product(
        self, title: str, category: str, variants: list[dict[str, Any]], shown: bool
    ) -> "Made[Goods]":
        said = {"title": title, "categoryId": category, "variants": variants, "status": "ACTIVE" if shown else "DRAFT"}
        values = [one["value"] for variant in variants for one in variant["optionValues"]]
        payload = self.ask(
            "mutation ($product: ProductCreateInput!) { productCreate(product: $product) "
            "{ product { id variants(first: 3) { nodes { id } } } userErrors { code field message } } }",
            product=said | {"options": [{"name": "Size", "values": values}] if values else []},
        )
        return made(payload, lambda: _goods(payload["product"]))

    @rule(
        product=PRODUCT,
        said=st.fixed_dictionaries({}, optional={"title": WORDS, "handle": WORDS, "categoryId": CATEGORIES}),
    )
    def update_product(self, product: str, said: dict[str, Any]) -> None:
        self.ask(
            "mutation ($id: ID!, $product: ProductUpdateInput!) { productUpdate(id: $id, product: $product) "
            "{ userErrors { code field message } } }",
            id=product,
            product=said,
        )

    @rule(product=PRODUCT, action=st.sampled_from(["productPublish", "productArchive"]))
    def show_or_hide_product(self, product: str, action: str) -> None:
        self.ask(f"mutation ($id: ID!) {{ {action}(id: $id) {{ userErrors {{ code field message }} }} }}", id=product)

    @rule(
        variant=VARIANT,
        said=st.fixed_dictionaries({"currency": CURRENCIES}, optional={"price": PRICES, "compareAtPrice": PRICES}),
    )
    def price_variant(self, variant: str, said: dict[str, Any]) -> None:
        self.ask(
            "mutation ($id: ID!, $variant: ProductVariantUpdateInput!) { productVariantUpdate(id: $id, variant: $variant)"
            " { userErrors { code field message } } }",
            id=variant,
            variant=said,
        )

    @rule(variant=VARIANT, sku=SKUS)
    def rename_variant(self, variant: str, sku: str) -> None:
        self.ask(
            "mutation ($id: ID!, $sku: String!) { productVariantUpdate(id: $id, variant: {sku: $sku}) "
            "{ userErrors { code field message } } }",
            id=variant,
            sku=sku,
        )

    @rule(target=REVIEWS, product=PRODUCT, stars=STARS, author=st.sampled_from(["alice", "sam"]))
    def write_review(self, product: str, stars: int, author: str) -> "Made[str]":
        payload = self.ask(
            "mutation ($id: ID!, $stars: Int!) { reviewCreate(productId: $id, review: {rating: $stars}) "
            "{ review { id } userErrors { code field message } } }",
            as_=author,
            id=product,
            stars=stars,
        )
        return made(payload, lambda: payload["review"]["id"])

    @rule(review=REVIEWS, stars=STARS)
    def rewrite_review(self, review: str, stars: int) -> None:
        self.ask(
            "mutation ($id: ID!, $stars: Int!) { reviewUpdate(id: $id, review: {rating: $stars}) "
            "{ userErrors { code field message } } }",
            as_="alice",
            id=review,
            stars=stars,
        )

    @rule(
        review=REVIEWS,
        action=st.sampled_from(["reviewApprove", "reviewApprove", "reviewReject", "reviewDelete", "reviewVote"]),
    )
    def judge_review(self, review: str, action: str) -> None:
        self.ask(f"mutation ($id: ID!) {{ {action}(id: $id) {{ userErrors {{ code field message }} }} }}", id=review)


def _goods(product: dict[str, Any]) -> Goods:
    return Goods(product["id"], [one["id"] for one in product["variants"]["nodes"]])
