"""Code written for a selection: reads the plain leaves of an object and writes its map in one go.

Reading an attribute, seeing that its value needs no serializing and putting it into a literal cost a third of what the
same costs in loops over columns. The code gives up, with None or an exception, on the first value that is anything
else; then the columns are completed one by one, as all other fields are.
"""

import keyword
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import Undefined

from schema.engine.resolutions import Attribute
from schema.engine.shapes import EnumLeaf, Leaf

if TYPE_CHECKING:
    from schema.engine.plans import Field

EOL = "\n"
Write: TypeAlias = Callable[[Iterable[tuple[Any, ...]]], list[dict[str, Any]] | None]


def is_writable(field: "Field") -> bool:
    """Whether the field is a leaf that a written line can read."""
    name = field.resolution.name if isinstance(field.resolution, Attribute) else ""
    return isinstance(field.shape, Leaf) and name.isidentifier() and not keyword.iskeyword(name)


def writer(template: Mapping[str, Any], writable: "Sequence[Field]", columns: "Sequence[Field]") -> Write:
    """A function from rows of (object, value of each column) to maps like the template.

    For `{ id weight price { amount } }` it is:

        def write(rows):
            written = []
            for source, column_0, in rows:
                value_0 = source.id
                value_1 = source.weight
                if not (type(value_0) is str and (value_1 is None or type(value_1) is int and …)):
                    return None
                written.append({"id": value_0, "weight": value_1, "price": column_0})
            return written
    """
    lines = _Lines()
    held = {key: repr(value) for key, value in template.items()}
    held |= {field.key: f"column_{index}" for index, field in enumerate(columns)}
    for index, field in enumerate(writable):
        held[field.key] = lines.read(index, field.resolution, field.shape)
    code = (
        "def write(rows):\n"
        "    written = []\n"
        f"    for source, {''.join(f'column_{index}, ' for index in range(len(columns)))}in rows:\n"
        f"{''.join(f'        {line}{EOL}' for line in lines.reads)}"
        f"        if not ({' and '.join(lines.conditions) or True}):\n"
        "            return None\n"
        f"        written.append({{{', '.join(f'{key!r}: {value}' for key, value in held.items())}}})\n"
        "    return written\n"
    )
    # Nothing of a request is in it but the answer's keys, which are GraphQL names.
    exec(code, lines.known)  # noqa: S102
    write: Write = lines.known["write"]
    return write


class _Lines:
    def __init__(self) -> None:
        self.known: dict[str, Any] = {"Undefined": Undefined}
        self.reads: list[str] = []
        self.conditions: list[str] = []

    def read(self, number: int, attribute: Any, leaf: Any) -> str:
        """Read a leaf; the expression for what the answer holds, provided that the condition holds."""
        value, result = f"value_{number}", f"result_{number}"
        self.reads.append(f"{value} = source.{attribute.name}")
        if isinstance(leaf, EnumLeaf):
            self.known[f"names_{number}"] = leaf.names
            return f"names_{number}[id({value})]"
        if leaf.condition:
            condition = leaf.condition.format(value)
            self.conditions.append(condition if leaf.is_required else f"({value} is None or {condition})")
            return value
        self.known |= {f"serialize_{number}": leaf.serialize, f"present_{number}": leaf.present}
        self.reads.append(f"{result} = None if {value} is None else serialize_{number}({value})")
        condition = f"type({value}) in present_{number} and {result} is not None and {result} is not Undefined"
        self.conditions.append(condition if leaf.is_required else f"({value} is None or {condition})")
        return result
