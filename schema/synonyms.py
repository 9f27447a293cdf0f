"""Synonyms of the search: type, query and mutations, for staff who keep the catalog."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import models, synonyms
from catalog.synonyms import SynonymFields
from schema import codes, errors, nodes
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.inputs import given
from schema.nodes import gid
from schema.pagination import After, Before, Connection, First, Last
from schema.permissions import Staff
from shop.errors import Refusal
from shop.paging import PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class SearchSynonymErrorCode(Enum): ...

else:
    SearchSynonymErrorCode = errors.code_enum(
        "SearchSynonymErrorCode", "a group of synonyms", errors.codes_of(synonyms)
    )


@strawberry.type(description="Terms that find the same products, or that find those of other terms too.")
class SearchSynonym:
    id: strawberry.ID = strawberry.field(description="The group's id.")
    terms: list[str] = strawberry.field(
        description="Terms of one word or several, in lower case and without accents. Without `targets` each of them "
        "finds what the others find."
    )
    targets: list[str] = strawberry.field(
        description="What each of the terms finds besides itself; these do not find the terms."
    )
    language: codes.LanguageCode | None = strawberry.field(
        description="The language in which it holds; null where it does in all."
    )
    updated_at: datetime = strawberry.field(description="When the group last changed.")

    @classmethod
    def of(cls, row: models.SearchSynonym) -> "SearchSynonym":
        return cls(
            id=gid("SearchSynonym", row.pk),
            terms=row.terms,
            targets=row.targets,
            language=codes.language(row.language) if row.language else None,
            updated_at=row.updated_at,
        )


@strawberry.type(description="Why a group of synonyms was not made, changed or removed.")
class SearchSynonymUserError(DisplayableError):
    code: SearchSynonymErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "SearchSynonymUserError":
        return cls(**errors.parts(refusal, SearchSynonymErrorCode))


@strawberry.input(description="A group of synonyms. In a change, what is left out stays.")
class SearchSynonymInput:
    terms: list[str] | None = strawberry.field(
        default=UNSET,
        description="At most 20 terms of one to three words: two at least, or one where there are `targets`. Capitals "
        "and accents do not matter; plurals do.",
    )
    targets: list[str] | None = strawberry.field(
        default=UNSET,
        description='At most 20 terms that each of `terms` finds too, but not the other way round: "lamp" as a target '
        'of "chandelier" has chandeliers sought and lamps found.',
    )
    language: codes.LanguageCode | None = strawberry.field(
        default=UNSET, description="One of the shop's languages, in which alone it holds; null for all."
    )

    def to_domain(self) -> SynonymFields:
        return cast(SynonymFields, given(self))


@strawberry.type
class SearchSynonymPayload:
    """What every change of a group answers."""

    search_synonym: SearchSynonym | None = strawberry.field(
        default=None, description="The group as it is now; null where this was refused."
    )
    user_errors: list[SearchSynonymUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `searchSynonymCreate`.")
class SearchSynonymCreatePayload(SearchSynonymPayload):
    pass


@strawberry.type(description="What became of `searchSynonymUpdate`.")
class SearchSynonymUpdatePayload(SearchSynonymPayload):
    pass


@strawberry.type(description="What became of `searchSynonymDelete`.")
class SearchSynonymDeletePayload:
    deleted_search_synonym_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )
    user_errors: list[SearchSynonymUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


@strawberry.type
class SynonymQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def search_synonyms(
        self, first: First = None, last: Last = None, after: After = None, before: Before = None
    ) -> Connection[SearchSynonym]:
        """The groups of synonyms in the order they were made. For staff who manage the catalog."""
        return Connection.of(synonyms.page(PageRequest(first, last, after, before)), SearchSynonym.of)


@strawberry.type
class SynonymMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def search_synonym_create(
        self, synonym: Annotated[SearchSynonymInput, strawberry.argument(description="The group to make.")]
    ) -> SearchSynonymCreatePayload:
        """Have terms find the same products, or those of other terms too. For staff who manage the catalog."""
        return SearchSynonymCreatePayload(search_synonym=SearchSynonym.of(synonyms.create(synonym=synonym.to_domain())))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def search_synonym_update(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The group to change.")],
        synonym: Annotated[SearchSynonymInput, strawberry.argument(description="What is to change of it.")],
    ) -> SearchSynonymUpdatePayload:
        """Change a group of synonyms. For staff who manage the catalog."""
        key = nodes.number(id, "SearchSynonym", "id")
        changed = synonyms.update(synonym_id=key, synonym=synonym.to_domain())
        return SearchSynonymUpdatePayload(search_synonym=SearchSynonym.of(changed))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def search_synonym_delete(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The group to remove.")]
    ) -> SearchSynonymDeletePayload:
        """Have terms find only themselves again. For staff who manage the catalog."""
        key = nodes.number(id, "SearchSynonym", "id")
        return SearchSynonymDeletePayload(
            deleted_search_synonym_id=gid("SearchSynonym", synonyms.delete(synonym_id=key))
        )
