"""How words on the command line become datasets, parameters and dates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, NoReturn

from fieldhouse import sources
from fieldhouse.engine.status import Selection, refuse_unknown_state
from fieldhouse.errors import ConfigurationError
from fieldhouse.params import all_params
from fieldhouse.selectors import Selector, refuse_unknown_keys, split_keys
from fieldhouse.source import DatasetType, Param, Source

TRUE = {"true", "yes", "on", "1"}
FALSE = {"false", "no", "off", "0"}


def split_pairs(words: Sequence[str]) -> dict[str, str]:
    """Read ``key=value`` words. :raises ConfigurationError: a word is not one."""
    pairs = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not (key and equals):
            raise ConfigurationError(f"{word!r} is not of the form key=value")
        pairs[key] = value
    return pairs


def dataset_type_of(text: str) -> tuple[Source, DatasetType]:
    """Read ``source/dataset_type``. :raises ConfigurationError: there is no such thing."""
    name, slash, type_name = text.partition("/")
    source = sources.get(name)
    if not slash:
        valid = ", ".join(f"{name}/{t.name}" for t in source.dataset_types)
        raise ConfigurationError(f"say which dataset type of {name}: {valid}")
    return source, source.dataset_type(type_name)


def read_selection(what: str, words: Sequence[str], state: str | None = None) -> tuple[Source, Selection]:
    """Read ``SOURCE[/DATASET_TYPE] key=value ...``: one dataset, or as many as fit.

    :raises ConfigurationError: there is no such source, type, key or state.
    """
    source, dataset_type = _read_what(what, words)
    refuse_unknown_state(state)
    keys = identifier_of(dataset_type, split_pairs(words), whole=False) if dataset_type else {}
    return source, Selection(dataset_type.name if dataset_type else None, keys, state)


def read_wanted(what: str, words: Sequence[str]) -> tuple[Source, Selection]:
    """Read ``SOURCE[/DATASET_TYPE] key=value ...`` of a run: values are as in selectors (``42,90``, ``1..50``).

    :raises ConfigurationError: there is no such source, type or key, or a value cannot be read.
    """
    source, dataset_type = _read_what(what, words)
    keys = split_keys("/".join(words))
    if dataset_type:
        refuse_unknown_keys([Selector.of(keys)], [dataset_type])
    return source, Selection(dataset_type.name if dataset_type else None, keys)


def _read_what(what: str, words: Sequence[str]) -> tuple[Source, DatasetType | None]:
    name, slash, type_name = what.partition("/")
    source = sources.get(name)
    if slash:
        return source, source.dataset_type(type_name)
    if words:
        _refuse_words(source, words)
    return source, None


def _refuse_words(source: Source, words: Sequence[str]) -> NoReturn:
    """Say how a dataset type is written, to whoever named it in a word of its own or not at all."""
    if words[0] in {t.name for t in source.dataset_types}:
        raise ConfigurationError(f"write {source.name}/{words[0]} as one word, and the keys after it")
    valid = ", ".join(f"{source.name}/{t.name}" for t in source.dataset_types)
    raise ConfigurationError(f"{words[0]!r} needs to be a key of a dataset type: {valid}")


def is_whole(source: Source, selection: Selection) -> bool:
    """Return whether a selection names one dataset, and not as many as fit."""
    type_name = selection.dataset_type
    return type_name is not None and len(selection.keys) == len(source.dataset_type(type_name).key)


def identifier_of(dataset_type: DatasetType, pairs: dict[str, str], *, whole: bool) -> dict[str, str]:
    """Return the pairs as an identifier, in the order of the dataset type's key.

    :param whole: every key must be there.
    :raises ConfigurationError: a key is unknown or missing.
    """
    unknown = [key for key in pairs if key not in dataset_type.key]
    missing = [key for key in dataset_type.key if key not in pairs]
    if unknown or (whole and missing):
        wanted = " ".join(f"{key}=..." for key in dataset_type.key) or "no key at all"
        raise ConfigurationError(
            f"a dataset of {dataset_type.name} is named by {wanted}; "
            + (f"{', '.join(unknown)} is no key of it" if unknown else f"{', '.join(missing)} is missing")
        )
    return {key: pairs[key] for key in dataset_type.key if key in pairs}


def read_params(source: Source, words: Sequence[str]) -> dict[str, Any]:
    """Read ``-p name=value`` words by the types that the source declares."""
    declared = {param.name: param for param in all_params(source)}
    params = {}
    for name, text in split_pairs(words).items():
        if name not in declared:
            raise ConfigurationError(f"{source.name} has no parameter {name}; it has: {', '.join(sorted(declared))}")
        params[name] = _value(declared[name], text)
    return params


def read_flags(words: Sequence[str]) -> dict[str, str]:
    """Read ``--flag name=value`` words; a name may be written as its Variable is, with ``flag__``."""
    return {name.removeprefix("flag__"): value for name, value in split_pairs(words).items()}


def read_fetch_policies(source: Source, words: Sequence[str]) -> dict[str, str]:
    """Read ``--fetch-policy DATASET_TYPE=NAME`` words. :raises ConfigurationError: there is no such dataset type."""
    pairs = split_pairs(words)
    for name in pairs:
        source.dataset_type(name)
    return pairs


def _value(param: Param, text: str) -> Any:
    kind = param.schema.get("type")
    if kind == "array":
        return _list(param, text)
    if kind == "boolean":
        if text.lower() not in TRUE | FALSE:
            raise ConfigurationError(f"{param.name} is yes or no, not {text!r}")
        return text.lower() in TRUE
    if kind == "integer":
        if not text.lstrip("-").isdigit():
            raise ConfigurationError(f"{param.name} is a whole number, not {text!r}")
        return int(text)
    return text or None if isinstance(kind, list) and "null" in kind else text


def _list(param: Param, text: str) -> list[Any]:
    if not text.startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return list(json.loads(text))
    except json.JSONDecodeError as error:
        raise ConfigurationError(f'{param.name} is a list such as a,b or ["a", "b"], not {text!r}') from error


def read_date(text: str | None, name: str) -> date | None:
    """Read YYYY-MM-DD. :raises ConfigurationError: it is none."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"{name} must be a date such as 2026-01-31, not {text!r}") from error
