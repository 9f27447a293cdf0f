"""Translations: what can be told in the shop's other languages and what is, for staff who keep the catalog."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import handles, lists, translations
from catalog.translations import Content, NewTranslation, Thing, Told
from schema import codes, errors, nodes
from schema.context import Context
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.inputs import given
from schema.nodes import gid
from schema.pagination import After, Before, Connection, First, Last
from schema.permissions import Staff
from shop import languages
from shop.errors import NotFound, Refusal
from shop.paging import PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class TranslationErrorCode(Enum): ...

else:
    TranslationErrorCode = errors.code_enum(
        "TranslationErrorCode", "a translation", errors.codes_of(translations, handles)
    )

# What the domain calls the things whose ids have these nouns.
_OWNERS = {
    "Product": "product",
    "Category": "category",
    "Collection": "collection",
    "Page": "page",
    "MenuItem": "menu_item",
    "ProductOption": "option",
    "AttributeDefinition": "attribute",
}
_NOUNS = {owner: noun for noun, owner in _OWNERS.items()}
_OF_TYPE = {"LINK": "menu_item", "PRODUCT_OPTION": "option"}


@strawberry.enum(description="Kinds of things that can be translated.")
class TranslatableResourceType(Enum):
    PRODUCT = strawberry.enum_value("PRODUCT", description="Products.")
    CATEGORY = strawberry.enum_value("CATEGORY", description="Categories.")
    COLLECTION = strawberry.enum_value("COLLECTION", description="Curated collections.")
    PAGE = strawberry.enum_value("PAGE", description="Pages.")
    LINK = strawberry.enum_value("LINK", description="The links of menus.")
    PRODUCT_OPTION = strawberry.enum_value("PRODUCT_OPTION", description="Options of products, with their values.")
    ATTRIBUTE = strawberry.enum_value("ATTRIBUTE", description="Attributes, with the labels of their choices.")


@strawberry.type(description="A text in the shop's own language that can be translated.")
class TranslatableContent:
    key: str = strawberry.field(
        description="What the text is: `title`, `body_html`, `handle`, `product_type`, `meta_title` and "
        "`meta_description` for search engines, `name` of an option or attribute, `value.` and a value of the option, "
        "or `choice.` and the handle of a choice of the attribute."
    )
    value: str = strawberry.field(description="The text; it may be empty.")
    digest: str = strawberry.field(description="What the text is known by: another as soon as it changes.")
    locale: codes.LanguageCode = strawberry.field(description="The shop's own language.")

    @classmethod
    def of(cls, row: Content) -> "TranslatableContent":
        return cls(key=row.key, value=row.value, digest=row.digest, locale=codes.language(languages.own()))


@strawberry.type(description="A text in another language.")
class Translation:
    key: str = strawberry.field(description="What the text is, as in `TranslatableContent`.")
    value: str = strawberry.field(description="The text.")
    locale: codes.LanguageCode = strawberry.field(description="The language it is in.")
    outdated: bool = strawberry.field(description="Whether the text it was made from has changed since.")
    updated_at: datetime = strawberry.field(
        description="When something of the same thing was last translated into the language."
    )

    @classmethod
    def of(cls, row: Told) -> "Translation":
        return cls(
            key=row.key,
            value=row.value,
            locale=codes.language(row.language),
            outdated=row.is_outdated,
            updated_at=row.updated_at,
        )


def contents_of_things(context: Context, keys: Sequence[Thing]) -> list[list[Content]]:
    found = translations.contents(keys)
    return [found.get(key, []) for key in keys]


def translations_of_things(
    context: Context,
    keys: Sequence[Thing],
    *,
    locale: Annotated[
        codes.LanguageCode | None, strawberry.argument(description="Only into this language; without it, into all.")
    ] = None,
    outdated: Annotated[
        bool | None, strawberry.argument(description="Only those that are outdated, or only those that are not.")
    ] = None,
) -> list[list[Told]]:
    found = translations.told(keys)
    return [
        [
            one
            for one in found[key]
            if (locale is None or one.language == locale.name) and (outdated is None or one.is_outdated == outdated)
        ]
        for key in keys
    ]


@strawberry.type(description="Something that can be told in other languages.")
class TranslatableResource:
    resource_id: strawberry.ID = strawberry.field(description="Its id.")
    translatable_content: list[TranslatableContent] = edge(
        contents_of_things, key="thing", description="Its texts in the shop's own language."
    )
    translations: list[Translation] = edge(
        translations_of_things, key="thing", description="What it is told in other languages, language by language."
    )
    thing: strawberry.Private[Thing]

    @classmethod
    def of(cls, row: Thing) -> "TranslatableResource":
        return cls(resource_id=gid(_NOUNS[row.owner], row.pk), thing=row)


@strawberry.type(description="Why nothing was translated, or no translation removed.")
class TranslationUserError(DisplayableError):
    code: TranslationErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "TranslationUserError":
        return cls(**errors.parts(refusal, TranslationErrorCode))


@strawberry.input(description="A text to tell in another language.")
class TranslationInput:
    locale: codes.LanguageCode = strawberry.field(description="One of the shop's languages, but its own.")
    key: str = strawberry.field(description="What the text is, as in `TranslatableContent`.")
    value: str = strawberry.field(
        description="The text, held to the same rules as what it translates; it cannot be empty."
    )
    translatable_content_digest: str | None = strawberry.field(
        default=UNSET,
        description="The digest of the text that was translated. Where it is given and the text has changed since, the "
        "translation is refused.",
    )

    def to_domain(self) -> NewTranslation:
        return cast(NewTranslation, given(self))


@strawberry.type(description="What became of `translationsRegister`.")
class TranslationsRegisterPayload:
    translations: list[Translation] | None = strawberry.field(
        default=None, description="The new translations; null where this was refused."
    )
    user_errors: list[TranslationUserError] = strawberry.field(
        default_factory=list, description="Why nothing was translated; empty when all went well."
    )


@strawberry.type(description="What became of `translationsRemove`.")
class TranslationsRemovePayload:
    translations: list[Translation] | None = strawberry.field(
        default=None, description="The translations that are gone; null where this was refused."
    )
    user_errors: list[TranslationUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


ResourceId = Annotated[
    strawberry.ID,
    strawberry.argument(description="The id of a product, category, collection, page, link of a menu or option."),
]


@strawberry.type
class TranslationQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def translatable_resource(self, resource_id: ResourceId) -> TranslatableResource | None:
        """What can be translated of something; null where nothing has the id. For staff who manage the catalog."""
        thing = _thing(resource_id)
        return TranslatableResource.of(thing) if thing in translations.contents([thing]) else None

    @query(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def translatable_resources(
        self,
        resource_type: Annotated[TranslatableResourceType, strawberry.argument(description="The kind of things.")],
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
    ) -> Connection[TranslatableResource]:
        """What can be translated of all things of a kind, as they were made. For staff who manage the catalog."""
        owner = _OF_TYPE.get(resource_type.name, resource_type.name.lower())
        page = translations.page(owner, PageRequest(first, last, after, before))
        return Connection.of(page, TranslatableResource.of)


@strawberry.type
class TranslationMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def translations_register(
        self,
        resource_id: ResourceId,
        translations: Annotated[
            list[TranslationInput],
            strawberry.argument(description="The texts, 250 at the most; each replaces what was told before."),
        ],
    ) -> TranslationsRegisterPayload:
        """Tell texts of something in other languages. For staff who manage the catalog."""
        told = _register(_thing(resource_id), [one.to_domain() for one in translations])
        return TranslationsRegisterPayload(translations=[Translation.of(row) for row in told])

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def translations_remove(
        self,
        resource_id: ResourceId,
        translation_keys: Annotated[
            list[str], strawberry.argument(description="Which texts, as in `TranslatableContent`.")
        ],
        locales: Annotated[
            list[codes.LanguageCode],
            strawberry.argument(description="In which languages, those the shop no longer offers among them."),
        ],
    ) -> TranslationsRemovePayload:
        """Forget translations, so that the shop's own texts are shown. For staff who manage the catalog."""
        gone = translations.remove(
            thing=_thing(resource_id), keys=translation_keys, locales=[locale.name for locale in locales]
        )
        return TranslationsRemovePayload(translations=[Translation.of(row) for row in gone])


def _register(thing: Thing, wanted: list[NewTranslation]) -> list[Told]:
    """The argument of the mutation has the name of the module."""
    return translations.register(thing=thing, translations=wanted)


def _thing(resource_id: str) -> Thing:
    """What an id names. Raises NotFound."""
    parsed = nodes.parse(resource_id)
    if parsed is None or parsed[0] not in _OWNERS:
        raise NotFound("Resource", field=("resource_id",))
    noun = parsed[0]
    key = nodes.number(resource_id, noun, "resource_id")
    category_id = lists.category_at(key) if noun == "Collection" else None
    return Thing(_OWNERS[noun], key) if category_id is None else Thing("category", category_id)
