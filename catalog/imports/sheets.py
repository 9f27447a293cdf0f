"""Sheets: products as CSV, a row for each variant, with what belongs to the product on the first of its rows.

The columns are told here once, for the import and for the export. `docs/import.md` describes the form.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any, BinaryIO

from catalog.imports.fields import BadLine
from catalog.imports.reading import MAX_LINE, Row, Unreadable

# What the product says, on its first row; `image_alts` and `image_sizes` go with `images`, place by place.
PRODUCT: tuple[str, ...] = (
    "slug",
    "id",
    "name",
    "description",
    "brand",
    "category",
    "category_path",
    "status",
    "product_type",
    "tags",
)
PRODUCT += ("seo_title", "seo_description", "images", "image_alts", "image_sizes")
VARIANT = ("sku", "barcode", "weight_grams", "requires_shipping", "image", "unit_cost")
_SIMPLE = ("price", "compare_at_price", "currency", "stock")
_NUMBERED = re.compile(r"option[1-9][0-9]?_(?:name|value)|(?:price|compare_at_price|stock|(?:variant_)?attribute):\S+")
_REQUIRED = ("slug", "name", "category", "sku")
_DELIMITERS = ",;\t"

# A program for sheets would run these as formulas: an apostrophe before them makes them text, and is taken off again.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_QUOTED = re.compile(r"'+[=+\-@\t\r]")


def neutral(text: str) -> str:
    """`text` as a cell that no program runs as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def meant(cell: str) -> str:
    """The text that `neutral` made this cell of."""
    return cell[1:] if _QUOTED.match(cell) else cell


def joined(texts: Iterable[str]) -> str:
    """Several texts in one cell: with commas between them, quoted where one has a comma or a quote itself."""
    out = StringIO()
    csv.writer(out, lineterminator="").writerow(list(texts))
    return out.getvalue()


def parted(cell: str) -> list[str]:
    """The texts that `joined` put into this cell."""
    return next(csv.reader([cell], skipinitialspace=True), []) if cell else []


def rows(file: BinaryIO, start: int = 0, number: int = 0) -> Iterator[Row]:
    """The products of a sheet, from the place `start` on, before which there are so many lines. Raises Unreadable."""
    file.seek(0)
    lines = _Lines(file)
    header, delimiter = _header(lines)
    if start:
        file.seek(start)
        lines = _Lines(file, start, number)
    group: _Group | None = None
    for number_, place, cells in lines.rows(delimiter):
        if not any(cells):
            continue
        if len(cells) > len(header):
            found: dict[str, str] | BadLine = BadLine(f"This row has {len(cells)} cells under {len(header)} columns.")
        else:
            found = {name: meant(cell.strip()) for name, cell in zip(header, cells, strict=False)}
        if group is not None and group.takes(found):
            group.add(number_, found)
            continue
        if group is not None:
            yield group.row()
        group = _Group(number_, place, found)
    if group is not None:
        yield group.row()


class _Lines:
    """Lines of a file as text, and where they are."""

    def __init__(self, file: BinaryIO, place: int = 0, number: int = 0) -> None:
        self._file = file
        self.place = place
        self.number = number

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(MAX_LINE + 1):
            self.place += len(line)
            self.number += 1
            if len(line) > MAX_LINE:
                raise Unreadable(f"Line {self.number} is too long; {MAX_LINE} bytes are the most.")
            try:
                yield line.decode("utf-8-sig" if self.number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                reason = f"Line {self.number} is not UTF-8 text: {error.reason} at byte {error.start + 1}."
                raise Unreadable(reason) from error

    def rows(self, delimiter: str) -> Iterator[tuple[int, int, list[str]]]:
        """Each row with the number and the place of its first line."""
        reader = csv.reader(iter(self), delimiter=delimiter, strict=True)
        while True:
            number, place = self.number + 1, self.place
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise Unreadable(f"Line {number} is not CSV: {error}.") from error
            if cells is None:
                return
            yield number, place, cells


def _header(lines: _Lines) -> tuple[list[str], str]:
    """The columns, and what stands between cells. Raises Unreadable."""
    first = next(iter(lines), "")
    delimiter = max(_DELIMITERS, key=first.count)
    header = [_column_name(cell) for cell in next(csv.reader([first.strip()], delimiter=delimiter), [])]
    missing = [name for name in _REQUIRED if name not in header]
    if missing:
        raise Unreadable(f"The first line names the columns, and these are missing: {', '.join(missing)}.")
    known = {*PRODUCT, *VARIANT, *_SIMPLE}
    strange = [name for name in header if name not in known and not _NUMBERED.fullmatch(name)]
    if strange:
        raise Unreadable(f'There is no column "{strange[0]}"; docs/import.md names those there are.')
    if twice := next((name for name in header if header.count(name) > 1), None):
        raise Unreadable(f'The column "{twice}" is there twice.')
    return header, delimiter


def _column_name(cell: str) -> str:
    """Columns may be written in capitals; the code of a location is as it is."""
    name, colon, rest = cell.strip().partition(":")
    return f"{name.lower()}{colon}{rest}"


class _Group:
    """The rows of one product."""

    def __init__(self, number: int, place: int, first: "dict[str, str] | BadLine") -> None:
        self._place = place
        self._numbers = [number]
        self._bad = first if isinstance(first, BadLine) else None
        self._first = {} if isinstance(first, BadLine) else first
        self._rows = [self._first]

    def takes(self, cells: "dict[str, str] | BadLine") -> bool:
        """Whether a row goes on with this product: it says no slug, or this one's again."""
        if isinstance(cells, BadLine):
            return False
        return not cells.get("slug") or (self._bad is None and cells["slug"] == self._first.get("slug"))

    def add(self, number: int, cells: "dict[str, str] | BadLine") -> None:
        if not isinstance(cells, BadLine):
            self._numbers.append(number)
            self._rows.append(cells)

    def row(self) -> Row:
        try:
            said: object | BadLine = self._bad or product(self._rows)
        except BadLine as bad:
            said = bad
        return Row(self._numbers[0], self._place, said, tuple(self._numbers))


def product(rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The line of JSON that says what these rows say. Raises BadLine."""
    first = rows[0]
    found: dict[str, Any] = {"kind": "product"}
    for name in ("id", "slug", "name", "description", "brand", "status", "product_type"):
        if name in first and (first[name] or name in ("brand", "product_type")):
            found[name] = first[name]
    found["categories"] = [first["category"]] if first.get("category") else []
    if "tags" in first:
        found["tags"] = parted(first["tags"])
    if "seo_title" in first or "seo_description" in first:
        found["seo"] = {"title": first.get("seo_title", ""), "description": first.get("seo_description", "")}
    if "images" in first:
        found["images"] = _images(first)
    found |= _attributes(first, "attribute:")
    names = [first.get(f"option{number}_name", "") for number in _numbers(first)]
    found["variants"] = [_variant(place, row, names) for place, row in enumerate(rows)]
    return found


def _numbers(row: Mapping[str, str]) -> list[int]:
    return sorted(int(name[6:-5]) for name in row if name.startswith("option") and name.endswith("_name"))


def _images(first: Mapping[str, str]) -> list[Any]:
    sources = parted(first["images"])
    if "image_alts" not in first:
        return list(sources)
    alts, sizes = parted(first["image_alts"]), parted(first.get("image_sizes", ""))
    found = []
    for place, source in enumerate(sources):
        image: dict[str, Any] = {"path": source, "alt": alts[place] if place < len(alts) else ""}
        size = sizes[place] if place < len(sizes) else ""
        if size:
            width, _, height = size.partition("x")
            image |= {"width": _whole(width, "image_sizes"), "height": _whole(height, "image_sizes")}
        found.append(image)
    return found


def _variant(place: int, row: Mapping[str, str], names: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"sku": row.get("sku", ""), "options": {}}
    for number, name in enumerate(names, 1):
        value = row.get(f"option{number}_value", "")
        if name and value:
            found["options"][name] = value
    for name in ("barcode", "image"):
        if name in row:
            found[name] = row[name]
    if row.get("weight_grams"):
        found["weight_grams"] = _whole(row["weight_grams"], "weight_grams", place)
    if row.get("requires_shipping"):
        found["requires_shipping"] = _truth(row["requires_shipping"], place)
    if row.get("unit_cost"):
        found["unit_cost"] = row["unit_cost"]
    found |= _prices(row) | _stock(place, row) | _attributes(row, "variant_attribute:")
    return found


def _attributes(row: Mapping[str, str], column: str) -> dict[str, Any]:
    """Values in the columns of attributes; those whose cell is empty stay as they are."""
    found = {name[len(column) :]: cell for name, cell in row.items() if name.startswith(column) and cell}
    return {"attributes": found} if found else {}


def _prices(row: Mapping[str, str]) -> dict[str, Any]:
    currencies = [name.partition(":")[2] for name in row if name.startswith("price:")]
    if not currencies:
        said = {name: row[name] for name in ("price", "currency", "compare_at_price") if row.get(name)}
        return {**said, "currency": row.get("currency", "").upper()}
    return {
        "prices": [
            {
                "currency": currency.upper(),
                "amount": row[f"price:{currency}"],
                "compare_at": row.get(f"compare_at_price:{currency}") or None,
            }
            for currency in currencies
            if row.get(f"price:{currency}")
        ]
    }


def _stock(place: int, row: Mapping[str, str]) -> dict[str, Any]:
    codes = [name.partition(":")[2] for name in row if name.startswith("stock:")]
    if not codes:
        return {"stock": _whole(row["stock"], "stock", place)} if row.get("stock") else {}
    return {
        "stock": {
            code: _whole(row[f"stock:{code}"], f"stock:{code}", place) for code in codes if row.get(f"stock:{code}")
        }
    }


def _whole(cell: str, column: str, place: int | None = None) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) < 12):
        raise BadLine(f'"{column}" must be a whole number, not "{cell[:40]}".', _at(column, place))
    return int(cell)


def _truth(cell: str, place: int) -> bool:
    match cell.lower():
        case "true" | "yes" | "1":
            return True
        case "false" | "no" | "0":
            return False
        case _:
            raise BadLine('"requires_shipping" must be true or false.', _at("requires_shipping", place))


def _at(column: str, place: int | None) -> str:
    return column if place is None else f"variants[{place}].{column}"


def columns(
    *,
    currencies: Sequence[str],
    locations: Sequence[str],
    options: int,
    attributes: Sequence[str],
    variant_attributes: Sequence[str],
    tells_costs: bool,
) -> list[str]:
    """The columns of a sheet with prices in these currencies and stock at these locations, if there are several."""
    numbers = range(1, options + 1)
    prices = [f"{name}:{currency}" for currency in currencies for name in ("price", "compare_at_price")]
    return [
        *PRODUCT,
        *(f"attribute:{handle}" for handle in attributes),
        *(f"option{number}_name" for number in numbers),
        *VARIANT[:1],
        *(f"option{number}_value" for number in numbers),
        *prices,
        *([f"stock:{code}" for code in locations] or ["stock"]),
        *(VARIANT[1:] if tells_costs else VARIANT[1:-1]),
        *(f"variant_attribute:{handle}" for handle in variant_attributes),
    ]


def text(cells: Iterable[Sequence[str]]) -> str:
    """Rows of cells as CSV, none of which a program runs as a formula."""
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([neutral(cell) for cell in row] for row in cells)
    return out.getvalue()


def rows_of(line: Mapping[str, Any], names: Sequence[str], category_path: str) -> list[list[str]]:
    """The rows that say what a product's line of JSON says: `product` makes the line of them again."""
    options = [option["name"] for option in line["options"]]
    seo, images = line["seo"], line["images"]
    first: dict[str, str] = {
        **{name: line.get(name) or "" for name in ("id", "slug", "name", "description", "brand", "product_type")},
        "category": line["categories"][0],
        "category_path": category_path,
        "status": line["status"],
        "tags": joined(line["tags"]),
        "seo_title": seo["title"],
        "seo_description": seo["description"],
        "images": joined(image["path"] for image in images),
        "image_alts": joined(image["alt"] for image in images),
        "image_sizes": joined(f"{image['width']}x{image['height']}" if image["width"] else "" for image in images),
        **{f"option{number}_name": name for number, name in enumerate(options, 1)},
        **_attribute_cells(line, "attribute:"),
    }
    found = []
    for place, variant in enumerate(line["variants"]):
        cells = (first if place == 0 else {}) | _cells(variant, options)
        found.append([cells.get(name, "") for name in names])
    return found


def _cells(variant: Mapping[str, Any], options: Sequence[str]) -> dict[str, str]:
    cells = {name: str(variant[name] or "") for name in ("sku", "barcode", "image")}
    cells["weight_grams"] = str(variant["weight_grams"])
    cells["requires_shipping"] = "true" if variant["requires_shipping"] else "false"
    for number, name in enumerate(options, 1):
        cells[f"option{number}_value"] = variant["options"][name]
    for price in variant["prices"]:
        if "list" in price or "min_quantity" in price:
            continue
        cells[f"price:{price['currency']}"] = price["amount"]
        cells[f"compare_at_price:{price['currency']}"] = price["compare_at"] or ""
    cells |= {"unit_cost": variant.get("unit_cost", ""), **_attribute_cells(variant, "variant_attribute:")}
    stock = variant["stock"]
    if isinstance(stock, int):
        return cells | {"stock": str(stock)}
    return cells | {f"stock:{code}": str(quantity) for code, quantity in stock.items()}


def _attribute_cells(said: Mapping[str, Any], column: str) -> dict[str, str]:
    return {f"{column}{handle}": _attribute_cell(value) for handle, value in said.get("attributes", {}).items()}


def _attribute_cell(value: bool | str | list[str]) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(value)
        case _:
            return value


def blame(refusal: "BadLine | Any", parts: Sequence[int], number: int) -> tuple[int, tuple[str | int, ...]]:
    """The line and the column that a refusal of a sheet's product speaks of."""
    match refusal.field:
        case ("variants", int(place), *rest) if place < len(parts):
            return parts[place], _column(rest, "variant_")
        case field:
            return number, _column(field)


def _column(path: Sequence[str | int], of: str = "") -> tuple[str | int, ...]:
    match path:
        case ("attributes", str(handle), *_):
            return (f"{of}attribute:{handle}",)
        case ("seo", str(name), *_):
            return (f"seo_{name}",)
        case ("prices", *_):
            return ("price",)
        case ("stock", str(code), *_):
            return (f"stock:{code}",)
        case ("categories", *_):
            return ("category",)
        case (str(name), *_):
            return (name,)
        case _:
            return ()
