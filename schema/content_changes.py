"""Changing pages and menus: inputs, payloads and mutations, for staff who keep the catalog."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import handles, menus, pages
from catalog.menus import MenuFields, NewMenu
from catalog.pages import NewPage, PageFields
from schema import errors, loaders, nodes
from schema.content import Menu, Page
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.inputs import SEOInput, given, meant
from schema.nodes import gid
from schema.permissions import Staff
from shop.errors import Refusal

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class PageErrorCode(Enum): ...

    class MenuErrorCode(Enum): ...

else:
    PageErrorCode = errors.code_enum("PageErrorCode", "a page", errors.codes_of(pages, handles))
    MenuErrorCode = errors.code_enum("MenuErrorCode", "a menu", errors.codes_of(menus, handles))


@strawberry.type(description="Why a page was not written, changed or removed.")
class PageUserError(DisplayableError):
    code: PageErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "PageUserError":
        return cls(**errors.parts(refusal, PageErrorCode))


@strawberry.type(description="Why a menu was not made, changed or removed.")
class MenuUserError(DisplayableError):
    code: MenuErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "MenuUserError":
        return cls(**errors.parts(refusal, MenuErrorCode))


@strawberry.input(description="A page to write.")
class PageCreateInput:
    title: str = strawberry.field(description="The heading, on one line of at most 255 characters.")
    handle: str | None = strawberry.field(
        default=UNSET,
        description="Its name in URLs, unique among pages: lower-case letters and digits with hyphens between them. "
        "Made from the title where it is left out.",
    )
    body: str | None = strawberry.field(
        default=UNSET,
        description="The text, as HTML or plain, of at most 50,000 characters; whatever could run a script is removed.",
    )
    seo: SEOInput | None = strawberry.field(default=UNSET, description="What search engines are to be told.")
    is_published: bool | None = strawberry.field(
        default=UNSET, description="Whether shoppers see it; they do unless this is false."
    )

    def to_domain(self) -> NewPage:
        return cast(NewPage, given(self))


@strawberry.input(description="What is to change of a page. What is left out stays; null puts back the default.")
class PageUpdateInput:
    title: str | None = strawberry.field(
        default=UNSET, description="The heading, on one line of at most 255 characters; it cannot be empty."
    )
    handle: str | None = strawberry.field(
        default=UNSET,
        description="Its name in URLs, unique among pages; null makes one from the title. The old address leads to "
        "the new one.",
    )
    body: str | None = strawberry.field(
        default=UNSET,
        description="The text, as HTML or plain, of at most 50,000 characters; whatever could run a script is removed.",
    )
    seo: SEOInput | None = strawberry.field(default=UNSET, description="What search engines are to be told.")
    is_published: bool | None = strawberry.field(default=UNSET, description="Whether shoppers see it.")

    def to_domain(self) -> PageFields:
        return cast(PageFields, given(self))


@strawberry.input(
    description="A link of a menu: to a path, with links below it; or to a category, with the tree below that, always "
    "the current one."
)
class MenuItemInput:
    title: str | None = strawberry.field(
        default=UNSET,
        description="The words of the link, on one line of at most 255 characters. A link that follows a category may "
        "leave them out, and is called by the category's title.",
    )
    path: str | None = strawberry.field(
        default=UNSET,
        description="Where it leads: a path of the storefront such as `/pages/about`, or an address that begins with "
        "`https://`, `http://`, `mailto:` or `tel:`; at most 1,000 characters.",
    )
    category_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The category to follow, in place of a path and of links below."
    )
    depth: int | None = strawberry.field(
        default=UNSET, description="How many levels of the tree to show below that category: 0 to 3, else 1."
    )
    items: list["MenuItemInput"] | None = strawberry.field(
        default=UNSET, description="The links below this one, in order; three levels at the most."
    )

    def to_domain(self) -> menus.Link:
        fields: dict[str, Any] = given(self)
        if isinstance(self.category_id, str):
            fields["category_id"] = nodes.number(self.category_id, "Category", "category_id")
        if self.items:
            fields["items"] = meant(self.items, "items")
        return cast(menus.Link, fields)


@strawberry.input(description="A menu to make.")
class MenuCreateInput:
    title: str = strawberry.field(description="What staff call it, on one line of at most 255 characters.")
    handle: str | None = strawberry.field(
        default=UNSET,
        description="The name storefronts ask for it by, unique among menus: lower-case letters and digits with "
        "hyphens between them. Made from the title where it is left out.",
    )
    items: list[MenuItemInput] | None = strawberry.field(
        default=UNSET, description="The links, in order; with those below them, 250 at the most."
    )

    def to_domain(self) -> NewMenu:
        return cast(NewMenu, _menu(self))


@strawberry.input(description="What is to change of a menu. What is left out stays; null puts back the default.")
class MenuUpdateInput:
    title: str | None = strawberry.field(
        default=UNSET, description="What staff call it, on one line of at most 255 characters; it cannot be empty."
    )
    handle: str | None = strawberry.field(
        default=UNSET,
        description="The name storefronts ask for it by, unique among menus; null makes one from the title.",
    )
    items: list[MenuItemInput] | None = strawberry.field(
        default=UNSET, description="All links it is to have, in order, in place of those it has; 250 at the most."
    )

    def to_domain(self) -> MenuFields:
        return cast(MenuFields, _menu(self))


@strawberry.type(description="What became of `pageCreate`.")
class PageCreatePayload:
    page: Page | None = edge(loaders.pages, key="page_id", description="The new page; null where it was refused.")
    user_errors: list[PageUserError] = strawberry.field(
        default_factory=list, description="Why nothing was written; empty when all went well."
    )
    page_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `pageUpdate`.")
class PageUpdatePayload:
    page: Page | None = edge(
        loaders.pages, key="page_id", description="The page as it is now; null where this was refused."
    )
    user_errors: list[PageUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    page_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `pageDelete`.")
class PageDeletePayload:
    deleted_page_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )
    user_errors: list[PageUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


@strawberry.type(description="What became of `menuCreate`.")
class MenuCreatePayload:
    menu: Menu | None = edge(loaders.menus, key="menu_id", description="The new menu; null where it was refused.")
    user_errors: list[MenuUserError] = strawberry.field(
        default_factory=list, description="Why nothing was made; empty when all went well."
    )
    menu_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `menuUpdate`.")
class MenuUpdatePayload:
    menu: Menu | None = edge(
        loaders.menus, key="menu_id", description="The menu as it is now; null where this was refused."
    )
    user_errors: list[MenuUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    menu_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `menuDelete`.")
class MenuDeletePayload:
    deleted_menu_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )
    user_errors: list[MenuUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


@strawberry.type
class ContentMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def page_create(
        self, page: Annotated[PageCreateInput, strawberry.argument(description="The page to write.")]
    ) -> PageCreatePayload:
        """Write a page. For staff who manage the catalog."""
        return PageCreatePayload(page_id=pages.create(page=page.to_domain()).pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def page_update(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The page to change.")],
        page: Annotated[PageUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> PageUpdatePayload:
        """Change a page. For staff who manage the catalog."""
        changed = pages.update(page_id=nodes.number(id, "Page", "id"), page=page.to_domain())
        return PageUpdatePayload(page_id=changed.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def page_delete(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The page to remove.")]
    ) -> PageDeletePayload:
        """Remove a page. For staff who manage the catalog."""
        key = nodes.number(id, "Page", "id")
        pages.delete(page_id=key)
        return PageDeletePayload(deleted_page_id=gid("Page", key))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def menu_create(
        self, menu: Annotated[MenuCreateInput, strawberry.argument(description="The menu to make.")]
    ) -> MenuCreatePayload:
        """Make a menu with its links. For staff who manage the catalog."""
        return MenuCreatePayload(menu_id=menus.create(menu=menu.to_domain()).pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def menu_update(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The menu to change.")],
        menu: Annotated[MenuUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> MenuUpdatePayload:
        """Change a menu, or all of its links. For staff who manage the catalog."""
        changed = menus.update(menu_id=nodes.number(id, "Menu", "id"), menu=menu.to_domain())
        return MenuUpdatePayload(menu_id=changed.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def menu_delete(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The menu to remove.")]
    ) -> MenuDeletePayload:
        """Remove a menu with its links. For staff who manage the catalog."""
        key = nodes.number(id, "Menu", "id")
        menus.delete(menu_id=key)
        return MenuDeletePayload(deleted_menu_id=gid("Menu", key))


def _menu(sent: MenuCreateInput | MenuUpdateInput) -> dict[str, Any]:
    fields: dict[str, Any] = given(sent)
    if sent.items:
        fields["items"] = meant(sent.items, "menu", "items")
    return fields
