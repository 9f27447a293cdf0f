"""The one schema: every query and mutation of the shop."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.categories import CategoryQueries
from schema.products import ProductQueries
from schema.scalars import SCALARS


@strawberry.type(description="Everything that can be read.")
class Query(CategoryQueries, ProductQueries):
    pass


schema = strawberry.Schema(query=Query, config=StrawberryConfig(scalar_map=SCALARS))
