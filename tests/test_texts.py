"""The catalogs of translated words hold what the shop says, all of it translated, compiled and in step."""

import re

import pytest

from shop import catalogs
from shop.catalogs import Said

_PLACES = re.compile(r"%(?:\(\w+\))?[sd]")


@pytest.mark.parametrize("language", catalogs.languages())
@pytest.mark.parametrize("package", catalogs.PACKAGES)
def test_catalogs_are_in_step_with_what_is_said(package: str, language: str) -> None:
    files, made = catalogs.of(package, language), catalogs.updated(package, language)
    if not len(made):
        assert not files.po.exists()
        return

    po = files.po.read_bytes()

    assert po == catalogs.written(made), "run `manage.py collect_texts`"
    assert files.mo.read_bytes() == catalogs.compiled(po, language), "run `manage.py collect_texts`"


@pytest.mark.parametrize("language", catalogs.languages())
@pytest.mark.parametrize("package", catalogs.PACKAGES)
def test_everything_is_translated_with_what_is_put_into_it(package: str, language: str) -> None:
    for one in catalogs.updated(package, language):
        if one.id:
            source = one.id if isinstance(one.id, str) else one.id[1]
            for said in catalogs.forms(one):
                assert said, source
                assert sorted(_PLACES.findall(said)) == sorted(_PLACES.findall(source))


def test_what_is_said_is_found_in_code_and_templates() -> None:
    assert Said("In stock") in catalogs.said("catalog")
    assert Said("%(stars)d star and up", "%(stars)d stars and up") in catalogs.said("catalog")
