"""Search over several kinds of things: results in one list, and suggestions while somebody types."""

from enum import Enum
from typing import Annotated, TypeAlias

import strawberry

from catalog import finding, search
from catalog.browsing import ProductRow
from catalog.content import PageRow
from catalog.finding import FindSort, SoldOut, Wanted
from schema import conditions, loaders
from schema.blogs import Article
from schema.collections import Collection
from schema.conditions import ProductFilter
from schema.content import Page
from schema.context import Info
from schema.edges import edge
from schema.facets import Filter, filters_of_page
from schema.fields import query
from schema.pagination import After, Before, CountedConnection, First, Last, Reverse
from schema.products import Product, SearchCorrection
from shop.errors import InvalidInput
from shop.paging import PageRequest

MAX_SUGGESTIONS = 10

SearchResultItem: TypeAlias = Annotated[
    Product | Page | Article, strawberry.union("SearchResultItem", description="Something found.")
]


@strawberry.enum(description="Kinds of things to find.")
class SearchType(Enum):
    PRODUCT = strawberry.enum_value("PRODUCT", description="Products.")
    PAGE = strawberry.enum_value("PAGE", description="Pages.")
    ARTICLE = strawberry.enum_value("ARTICLE", description="Articles: there are none.")


@strawberry.enum(description="Orders of what is found.")
class SearchSortKeys(Enum):
    RELEVANCE = strawberry.enum_value("RELEVANCE", description="Best match first; pages after products.")
    PRICE = strawberry.enum_value("PRICE", description="Lowest price first; pages after products.")


@strawberry.enum(description="What becomes of products that cannot be bought now.")
class SearchUnavailableProductsType(Enum):
    SHOW = strawberry.enum_value("SHOW", description="Shown among the others.")
    LAST = strawberry.enum_value("LAST", description="Shown after the others.")
    HIDE = strawberry.enum_value("HIDE", description="Not shown.")


@strawberry.enum(description="Kinds of things to suggest.")
class PredictiveSearchType(Enum):
    PRODUCT = strawberry.enum_value("PRODUCT", description="Products.")
    COLLECTION = strawberry.enum_value("COLLECTION", description="Collections and categories.")
    PAGE = strawberry.enum_value("PAGE", description="Pages.")
    ARTICLE = strawberry.enum_value("ARTICLE", description="Articles: there are none.")
    QUERY = strawberry.enum_value("QUERY", description="Words to search for, from those that products have.")


@strawberry.enum(description="What a limit of suggestions counts.")
class PredictiveSearchLimitScope(Enum):
    ALL = strawberry.enum_value("ALL", description="All suggestions together.")
    EACH = strawberry.enum_value("EACH", description="Those of each kind.")


@strawberry.type(description="Words to search for.")
class SearchQuerySuggestion:
    text: str = strawberry.field(description="The words.")
    styled_text: str = strawberry.field(description="The words in HTML, with what was typed marked.")
    tracking_parameters: str | None = strawberry.field(
        default=None, description="Always null: searches are not tracked.", deprecation_reason="Nothing is tracked."
    )

    @classmethod
    def of(cls, text: str, typed: str) -> "SearchQuerySuggestion":
        said = " ".join(search.words(typed))
        same = next((size for size in range(len(said), 0, -1) if text.startswith(said[:size])), 0)
        # Words are letters and digits alone: nothing of them could be read as HTML.
        parts = (("mark", text[:same]), ("span", text[same:]))
        styled = "".join(f"<{tag}>{part}</{tag}>" for tag, part in parts if part)
        return cls(text=text, styled_text=styled)


@strawberry.type(description="What somebody who types may mean.")
class PredictiveSearchResult:
    products: list[Product] = strawberry.field(description="Products, best match first.")
    collections: list[Collection] = strawberry.field(description="Collections and categories, by title.")
    pages: list[Page] = strawberry.field(description="Pages, in the order they were written.")
    articles: list[Article] = strawberry.field(description="Articles; always empty.")
    queries: list[SearchQuerySuggestion] = strawberry.field(
        description="Words to search for, the commonest ends first."
    )


@strawberry.type(description="A page of what was found.")
class SearchResultItemConnection(CountedConnection[SearchResultItem]):
    product_filters: list[Filter] = edge(
        filters_of_page, key="page", description="By what the products found can be narrowed, with exact counts."
    )
    did_you_mean: SearchCorrection | None = strawberry.field(
        default=None, description="What the words were corrected to; null where they were not."
    )
    is_relaxed: bool = strawberry.field(
        default=False, description="Whether nothing has all the words, and this has most of them."
    )


def _item(row: ProductRow | PageRow) -> Product | Page:
    return Page.of(row) if isinstance(row, PageRow) else Product.of(row)


@strawberry.type
class SearchQueries:
    @query
    def search(
        self,
        info: Info,
        query: Annotated[str, strawberry.argument(description="What to find, written as for `products`.")],
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        reverse: Reverse = False,
        sort_key: Annotated[
            SearchSortKeys | None, strawberry.argument(description="The order.")
        ] = SearchSortKeys.RELEVANCE,
        types: Annotated[
            list[SearchType] | None, strawberry.argument(description="Only these kinds; without it, all.")
        ] = None,
        unavailable_products: Annotated[
            SearchUnavailableProductsType | None,
            strawberry.argument(description="What becomes of products that cannot be bought now."),
        ] = SearchUnavailableProductsType.SHOW,
        product_filters: Annotated[
            list[ProductFilter] | None,
            strawberry.argument(description="Conditions on products; all must hold. Pages are not touched."),
        ] = None,
    ) -> SearchResultItemConnection:
        """The products and pages that have these words.

        Words that find nothing are corrected; where nothing has them all, what has most of them is shown.
        """
        shopper = loaders.shopper(info.context)
        kinds = set(SearchType) if types is None else set(types)
        wanted = Wanted(
            query,
            products=SearchType.PRODUCT in kinds,
            pages=SearchType.PAGE in kinds,
            sold_out=SoldOut[unavailable_products.name] if unavailable_products else SoldOut.SHOW,
            filter=conditions.merged(shopper, product_filters or [], argument="product_filters"),
        )
        sort = FindSort[sort_key.name] if sort_key else FindSort.RELEVANCE
        request = PageRequest(first, last, after, before)
        page, reading = finding.find(shopper, wanted, request, sort, reverse=bool(reverse))
        found = SearchResultItemConnection.of(page, _item)
        found.did_you_mean, found.is_relaxed = SearchCorrection.of(reading), reading.is_relaxed
        return found

    @query
    def predictive_search(
        self,
        info: Info,
        query: Annotated[str, strawberry.argument(description="What was typed so far.")],
        limit: Annotated[int | None, strawberry.argument(description="How many suggestions: 1 to 10.")] = None,
        limit_scope: Annotated[
            PredictiveSearchLimitScope | None, strawberry.argument(description="What the limit counts.")
        ] = PredictiveSearchLimitScope.ALL,
        types: Annotated[
            list[PredictiveSearchType] | None, strawberry.argument(description="Only these kinds; without it, all.")
        ] = None,
    ) -> PredictiveSearchResult:
        """What to suggest while somebody types: products, collections, pages, and words to search for."""
        size = MAX_SUGGESTIONS if limit is None else limit
        if not 1 <= size <= MAX_SUGGESTIONS:
            raise InvalidInput(f"Ask for 1 to {MAX_SUGGESTIONS} suggestions; these are {size}.", field=("limit",))
        found = finding.suggest(loaders.shopper(info.context), query, size)
        kinds = set(PredictiveSearchType) if types is None else set(types)
        products = found.products if PredictiveSearchType.PRODUCT in kinds else []
        collections = found.collections if PredictiveSearchType.COLLECTION in kinds else []
        pages = found.pages if PredictiveSearchType.PAGE in kinds else []
        queries = found.queries if PredictiveSearchType.QUERY in kinds else []
        if limit_scope is not PredictiveSearchLimitScope.EACH:
            collections = collections[: size - len(products)]
            pages = pages[: size - len(products) - len(collections)]
            queries = queries[: size - len(products) - len(collections) - len(pages)]
        return PredictiveSearchResult(
            products=[Product.of(row) for row in products],
            collections=[Collection.of(row) for row in collections],
            pages=[Page.of(row) for row in pages],
            articles=[],
            queries=[SearchQuerySuggestion.of(text, query) for text in queries],
        )
