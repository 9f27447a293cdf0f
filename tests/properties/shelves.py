"""Rules about where products stand: the tree of categories, and collections."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import consumes, rule

from tests.properties.world import CATEGORIES, COLLECTIONS, PRODUCT, WORDS, Made, World, made

SOME_CATEGORY = st.none() | CATEGORIES


class Shelves(World):
    @rule(target=CATEGORIES, title=WORDS, parent=SOME_CATEGORY, shown=st.booleans())
    def create_category(self, title: str, parent: str | None, shown: bool) -> "Made[str]":
        payload = self.ask(
            "mutation ($category: CategoryCreateInput!) { categoryCreate(category: $category) "
            "{ category { id } userErrors { code field message } } }",
            category={"title": title, "parentId": parent, "isActive": shown},
        )
        return made(payload, lambda: payload["category"]["id"])

    @rule(category=CATEGORIES, said=st.fixed_dictionaries({}, optional={"handle": WORDS, "isActive": st.booleans()}))
    def update_category(self, category: str, said: dict[str, Any]) -> None:
        self.ask(
            "mutation ($id: ID!, $category: CategoryUpdateInput!) { categoryUpdate(id: $id, category: $category) "
            "{ userErrors { code field message } } }",
            id=category,
            category=said,
        )

    @rule(category=CATEGORIES, parent=SOME_CATEGORY, before=SOME_CATEGORY)
    def move_category(self, category: str, parent: str | None, before: str | None) -> None:
        self.ask(
            "mutation ($id: ID!, $parent: ID, $before: ID) { categoryMove(id: $id, parentId: $parent, beforeId: $before)"
            " { userErrors { code field message } } }",
            id=category,
            parent=parent,
            before=before,
        )

    @rule(category=CATEGORIES)
    def delete_category(self, category: str) -> None:
        self.ask("mutation ($id: ID!) { categoryDelete(id: $id) { userErrors { code field message } } }", id=category)

    @rule(target=COLLECTIONS, title=WORDS, products=st.lists(PRODUCT, max_size=3), category=SOME_CATEGORY)
    def create_collection(self, title: str, products: list[str], category: str | None) -> "Made[str]":
        rules = {"ruleSet": {"match": "ALL", "rules": [{"categoryId": category}]}} if category else {}
        payload = self.ask(
            "mutation ($collection: CollectionCreateInput!) { collectionCreate(collection: $collection) "
            "{ collection { id } userErrors { code field message } } }",
            collection={"title": title, "productIds": products, **rules},
        )
        return made(payload, lambda: payload["collection"]["id"])

    @rule(
        collection=COLLECTIONS,
        products=st.lists(PRODUCT, max_size=3),
        action=st.sampled_from(["collectionProductsAdd", "collectionProductsRemove", "collectionProductsReorder"]),
    )
    def place_in_collection(self, collection: str, products: list[str], action: str) -> None:
        self.ask(
            f"mutation ($id: ID!, $products: [ID!]!) {{ {action}(id: $id, productIds: $products) "
            "{ userErrors { code field message } } }",
            id=collection,
            products=products,
        )

    @rule(collection=consumes(COLLECTIONS))
    def delete_collection(self, collection: str) -> None:
        self.ask(
            "mutation ($id: ID!) { collectionDelete(id: $id) { userErrors { code field message } } }", id=collection
        )
