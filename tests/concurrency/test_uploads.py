"""Pictures added, shown and removed by many at once: places stay unique, and no file goes that somebody shows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from pytest_django import Settings

from catalog import media, product_media, uploads
from catalog.models import Product, ProductImage
from shop import relay
from shop.errors import NotFound
from tests import builders
from tests.concurrency.refusals import refused_at_once
from tests.concurrency.test_facts import in_threads

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media_root")]
WRITERS = 6
COLORS = ("red", "green", "blue", "teal", "gold", "plum")


def adding(product: Product, *colors: str) -> Callable[[], object]:
    """A command that gives a product a picture of each colour."""

    def add() -> object:
        pictures: list[Any] = [{"file": builders.a_picture(color=color)} for color in colors]
        return product_media.create(product_id=product.pk, pictures=pictures)

    return add


def kept_in(folder: Path) -> int:
    return len([path for path in folder.rglob("*") if path.is_file()])


def test_pictures_added_at_once_get_places_of_their_own(media_root: Path) -> None:
    mug = builders.a_product("Mug")

    refused = refused_at_once(*(adding(mug, color, "white") for color in COLORS))

    assert refused == []
    assert list(mug.images.order_by("position").values_list("position", flat=True)) == list(range(2 * WRITERS))
    assert kept_in(media_root) == WRITERS + 1


def test_the_same_files_in_opposite_orders_make_nobody_wait_in_a_circle(media_root: Path) -> None:
    products = [builders.a_product() for _ in range(WRITERS)]

    orders = [COLORS, COLORS[::-1]] * (WRITERS // 2)
    refused = refused_at_once(*(adding(product, *order) for product, order in zip(products, orders, strict=True)))

    assert refused == []
    assert ProductImage.objects.count() == WRITERS * len(COLORS)
    assert kept_in(media_root) == len(COLORS)


def test_no_more_pictures_than_allowed_and_no_file_of_those_refused(
    media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "MAX_IMAGES", 2)
    mug = builders.a_product("Mug")

    refused = refused_at_once(*(adding(mug, color) for color in COLORS))

    assert [refusal.field for refusal in refused] == [("media",)] * (WRITERS - 2)
    assert mug.images.count() == 2
    assert kept_in(media_root) == 2


def test_a_file_that_is_shown_again_while_it_is_being_removed_stays() -> None:
    mugs = [builders.a_product() for _ in range(WRITERS)]
    adding(mugs[0], "teal")()
    shown = ProductImage.objects.get()
    product_media.delete(product_id=mugs[0].pk, image_ids=[shown.pk])

    in_threads(relay.drain, *(adding(mug, "teal") for mug in mugs))
    relay.drain()

    assert ProductImage.objects.count() == WRITERS
    assert default_storage.exists(shown.src)


def test_pictures_put_in_order_and_removed_at_once_keep_places_without_gaps() -> None:
    mug = builders.a_product("Mug", images=8)
    ids = list(mug.images.order_by("position").values_list("pk", flat=True))

    refused_at_once(
        lambda: product_media.reorder(product_id=mug.pk, image_ids=ids[::-1]),
        lambda: product_media.reorder(product_id=mug.pk, image_ids=ids[4:]),
        lambda: product_media.delete(product_id=mug.pk, image_ids=ids[:2]),
        lambda: product_media.delete(product_id=mug.pk, image_ids=ids[6:]),
        adding(mug, "red"),
    )

    places = list(mug.images.order_by("position").values_list("position", flat=True))
    assert places == list(range(5))


class Watched(FileSystemStorage):
    """Notes of each file whether a transaction waited while it was written."""

    in_transaction: ClassVar[list[bool]] = []

    def save(self, name: Any, content: Any, max_length: Any = None) -> Any:
        self.in_transaction.append(connection.in_atomic_block)
        return super().save(name, content, max_length)


def test_no_transaction_waits_while_a_picture_is_written(settings: Settings) -> None:
    storage = {"BACKEND": f"{__name__}.Watched", "OPTIONS": {"location": settings.MEDIA_ROOT}}
    settings.STORAGES = {**settings.STORAGES, "default": storage}
    Watched.in_transaction.clear()
    product = builders.a_product("Mug")

    adding(product, "red", "blue", "red")()
    relay.drain()

    assert Watched.in_transaction == [False, False]
    assert all(default_storage.exists(image.src) for image in product.images.all())


def test_what_a_killed_process_had_written_is_swept(media_root: Path) -> None:
    file = builders.a_picture()
    with uploads._forgetting_what_failed(), uploads._ready([file]):
        # Here the power goes: no row ever names the file.
        assert kept_in(media_root) == 1

    relay.drain()

    assert kept_in(media_root) == 0


def test_a_refusal_leaves_no_file_and_no_lock(media_root: Path) -> None:
    with pytest.raises(NotFound):
        product_media.create(product_id=0, pictures=[{"file": builders.a_picture()}])

    assert kept_in(media_root) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)
