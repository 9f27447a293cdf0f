"""Bring the catalogs of translated words up to what is said, and compile them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from shop import catalogs


class Command(BaseCommand):
    help = "Bring the catalogs of translated words (locale/*/LC_MESSAGES/django.po) up to date, and compile them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("languages", nargs="*", help="Languages to begin, such as `it` or `pt_BR`.")

    def handle(self, *args: Any, **options: Any) -> None:
        for language in sorted({*catalogs.languages(), *options["languages"]}):
            missing = 0
            for package in catalogs.PACKAGES:
                files = catalogs.of(package, language)
                catalog = catalogs.updated(package, language)
                if not len(catalog):
                    continue
                missing += sum(not all(catalogs.forms(one)) for one in catalog if one.id)
                files.po.parent.mkdir(parents=True, exist_ok=True)
                files.po.write_bytes(po := catalogs.written(catalog))
                files.mo.write_bytes(catalogs.compiled(po, language))
            self.stdout.write(f"{language}: {missing} texts are not translated.")
