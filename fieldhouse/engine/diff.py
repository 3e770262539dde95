"""Diff: which rows of a table, and which of their fields, are not what they were."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

OLD, NEW = "fieldhouse.old_place", "fieldhouse.new_place"
# A column of this name is other for each observation, and says nothing of what was observed
OBSERVED_AT = "observed_at"


@dataclass(frozen=True)
class ChangedRow:
    """A row that both have: its key, and old and new value of each field that differs.

    A field that holds a JSON object is taken apart: ``extra.B365H``.
    """

    key: Mapping[str, Any]
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class TableDiff:
    """What differs in one table: rows (as an Arrow table) that are only in one of the two, and rows that changed."""

    key: Sequence[str]
    added: pa.Table
    removed: pa.Table
    changed: Sequence[ChangedRow]

    @property
    def counts(self) -> dict[str, int]:
        """The number of rows that were added, removed and changed."""
        return {"added": self.added.num_rows, "removed": self.removed.num_rows, "changed": len(self.changed)}

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "added": self.added.to_pylist(),
            "removed": self.removed.to_pylist(),
            "changed": [{"key": row.key, "fields": row.fields} for row in self.changed],
        }


def diff_tables(key: Sequence[str], old: pa.Table, new: pa.Table) -> TableDiff:
    """Compare two tables row by row.

    NULL equals NULL and nothing else, NaN equals NaN, and JSON objects are equal if they hold the same.

    :param key: columns that name a row; their values are whole and distinct in each of the tables.
    """
    old, new = _alike(_comparable(old, key), _comparable(new, key))
    old_places, new_places = _match(key, old, new)
    both = _both(old_places, new_places)
    return TableDiff(
        key=tuple(key),
        added=new.take(new_places.filter(old_places.is_null())),
        removed=old.take(old_places.filter(new_places.is_null())),
        changed=_changed_rows(key, old.take(old_places.filter(both)), new.take(new_places.filter(both))),
    )


def same_rows(key: Sequence[str], old: pa.Table, new: pa.Table) -> bool:
    """Return whether two tables have the same columns and rows, in whatever order."""
    import pyarrow as pa  # noqa: PLC0415 - heavy

    if set(old.column_names) != set(new.column_names):
        return False
    try:
        return not any(diff_tables(key, old, new).counts.values())
    except pa.ArrowException:  # a type that cannot become the other one
        return False


def _comparable(table: pa.Table, key: Sequence[str]) -> pa.Table:
    """Return a table without metadata, dictionaries, and the moment of an observation."""
    import pyarrow as pa  # noqa: PLC0415 - heavy

    names = [name for name in table.column_names if name != OBSERVED_AT or name in key]
    columns = [table[name] for name in names]
    plain = [c.cast(c.type.value_type) if pa.types.is_dictionary(c.type) else c for c in columns]
    return pa.table(dict(zip(names, plain, strict=True)))


def _alike(old: pa.Table, new: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Give two tables one schema: a column that one lacks is empty there, an empty one takes the other's type."""
    import pyarrow as pa  # noqa: PLC0415

    schema = pa.unify_schemas([new.schema, old.schema], promote_options="permissive")
    # a column that is empty in both has no type, and a join wants one
    schema = pa.schema([field.with_type(pa.string()) if pa.types.is_null(field.type) else field for field in schema])
    return _cast(old, schema), _cast(new, schema)


def _cast(table: pa.Table, schema: pa.Schema) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415

    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.chunked_array([pa.nulls(table.num_rows, field.type)])
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _match(key: Sequence[str], old: pa.Table, new: pa.Table) -> tuple[Any, Any]:
    """Return the places of equal keys in both tables, NULL where one of them has none; in the order of the new one."""
    left, right = (
        table.select(list(key)).append_column(place, _places(table)) for table, place in ((old, OLD), (new, NEW))
    )
    joined = left.join(right, keys=list(key), join_type="full outer").sort_by([(NEW, "ascending"), (OLD, "ascending")])
    return joined[OLD], joined[NEW]


def _places(table: pa.Table) -> pa.Array:
    import pyarrow as pa  # noqa: PLC0415

    return pa.array(range(table.num_rows), pa.int64())


def _both(old_places: Any, new_places: Any) -> Any:
    import pyarrow.compute as pc  # noqa: PLC0415

    return pc.and_(old_places.is_valid(), new_places.is_valid())


def _changed_rows(key: Sequence[str], old: pa.Table, new: pa.Table) -> list[ChangedRow]:
    """Return the rows that differ, of two tables whose rows stand side by side."""
    fields: dict[int, dict[str, tuple[Any, Any]]] = {}
    for name in old.column_names:
        if name not in key:
            for place, change in _changed_cells(name, old[name], new[name]):
                fields.setdefault(place, {}).update(change)
    places = sorted(fields)
    keys = new.select(list(key)).take(places).to_pylist() if places else []
    return [ChangedRow(keys[n], fields[place]) for n, place in enumerate(places)]


def _changed_cells(name: str, old: Any, new: Any) -> Iterator[tuple[int, dict[str, tuple[Any, Any]]]]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    differ = pc.or_(pc.xor(old.is_null(), new.is_null()), pc.fill_null(pc.not_equal(old, new), fill_value=False))
    if pa.types.is_floating(old.type):
        both_nan = pc.and_(*(pc.fill_null(pc.is_nan(c), fill_value=False) for c in (old, new)))
        differ = pc.and_not(differ, both_nan)
    places = pc.indices_nonzero(differ)
    values = zip(places.to_pylist(), old.take(places).to_pylist(), new.take(places).to_pylist(), strict=True)
    for place, before, after in values:
        if change := _change(name, before, after):
            yield place, change


def _change(name: str, old: Any, new: Any) -> dict[str, tuple[Any, Any]]:
    """Return what differs between two values; empty if they are two spellings of the same JSON object."""
    before, after = _json_object(old), _json_object(new)
    if before is None or after is None:
        return {name: (old, new)}
    names = sorted(before.keys() | after.keys())
    differ = [n for n in names if (n in before, before.get(n)) != (n in after, after.get(n))]
    return {f"{name}.{n}": (before.get(n), after.get(n)) for n in differ}


def _json_object(text: Any) -> dict[str, Any] | None:
    """Return the JSON object that a text holds; None for anything else."""
    if not (isinstance(text, str) and text.startswith("{")):
        return None
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
