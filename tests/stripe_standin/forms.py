"""Stripe's form encoding: `line_items[0][price_data][currency]=gbp` as a tree."""

from typing import Any
from urllib.parse import parse_qsl

from tests.stripe_standin.errors import bad_parameter

MAX_DEPTH = 10


def parse_form(text: str) -> dict[str, Any]:
    """Read a query string or body into nested dicts whose leaves are strings."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _insert(tree, name, value)
    return tree


def _insert(tree: dict[str, Any], name: str, value: str) -> None:
    path = _path_of(name)
    if len(path) > MAX_DEPTH:
        raise bad_parameter("Parameters are nested too deeply.", param=name)
    node = tree
    for part in path[:-1]:
        node = node.setdefault(_index(node, part), {})
        if not isinstance(node, dict):
            raise bad_parameter(f"Invalid object: {name}", param=name)
    node[_index(node, path[-1])] = value


def _path_of(name: str) -> list[str]:
    head, *rest = name.split("[")
    return [head, *(part.removesuffix("]") for part in rest)]


def _index(node: dict[str, Any], part: str) -> str:
    """`expand[]` means the next place in the list."""
    return part or str(len(node))
