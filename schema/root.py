"""The one schema: every query and mutation of the shop."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.categories import CategoryQueries
from schema.category_changes import CategoryMutations
from schema.customers import CustomerMutations, CustomerQueries
from schema.directives import in_context
from schema.products import ProductQueries
from schema.scalars import SCALARS


@strawberry.type(description="Everything that can be read.")
class Query(CategoryQueries, CustomerQueries, ProductQueries):
    pass


@strawberry.type(description="Everything that can be changed.")
class Mutation(CategoryMutations, CustomerMutations):
    pass


schema = strawberry.Schema(
    query=Query, mutation=Mutation, directives=[in_context], config=StrawberryConfig(scalar_map=SCALARS)
)
