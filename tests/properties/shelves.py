"""Rules about where products stand: the tree of categories, and collections."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import consumes, rule

from tests.properties.world import CATEGORIES, COLLECTIONS, PRODUCT, WORDS, Made, World, made

SOME_CATEGORY = st.none() | CATEGORIES


class Shelves(World):
    @rule(target=CATEGORIES, title=WORDS, parent=SOME_CATEGORY, shown=st.booleans())
    def create_category(self, title: str, parent: str | None, shown: bool) -> "Made[str]":
        said = {"title": title, "parentId": parent, "isActive": shown}
        payload = self.ask("categoryCreate", "category { id }", category=said)
        return made(payload, lambda: payload["category"]["id"])

    @rule(category=CATEGORIES, said=st.fixed_dictionaries({}, optional={"handle": WORDS, "isActive": st.booleans()}))
    def update_category(self, category: str, said: dict[str, Any]) -> None:
        self.ask("categoryUpdate", id=category, category=said)

    @rule(category=CATEGORIES, parent=SOME_CATEGORY, before=SOME_CATEGORY)
    def move_category(self, category: str, parent: str | None, before: str | None) -> None:
        self.ask("categoryMove", id=category, parentId=parent, beforeId=before)

    @rule(category=CATEGORIES)
    def delete_category(self, category: str) -> None:
        self.ask("categoryDelete", id=category)

    @rule(target=COLLECTIONS, title=WORDS, products=st.lists(PRODUCT, max_size=3))
    def create_collection(self, title: str, products: list[str]) -> "Made[str]":
        payload = self.ask("collectionCreate", "collection { id }", collection={"title": title, "productIds": products})
        return made(payload, lambda: payload["collection"]["id"])

    @rule(collection=COLLECTIONS, category=SOME_CATEGORY)
    def rule_collection(self, collection: str, category: str | None) -> None:
        rules = {"match": "ALL", "rules": [{"categoryId": category}]} if category else None
        self.ask("collectionUpdate", id=collection, collection={"ruleSet": rules})

    @rule(
        collection=COLLECTIONS,
        products=st.lists(PRODUCT, max_size=3),
        action=st.sampled_from(["collectionProductsAdd", "collectionProductsRemove", "collectionProductsReorder"]),
    )
    def place_in_collection(self, collection: str, products: list[str], action: str) -> None:
        self.ask(action, id=collection, productIds=products)

    @rule(collection=consumes(COLLECTIONS))
    def delete_collection(self, collection: str) -> None:
        self.ask("collectionDelete", id=collection)
