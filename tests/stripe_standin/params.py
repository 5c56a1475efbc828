"""Parameters judged by the installed library's own `stripe.params` types.

What those TypedDicts do not name is refused, as Stripe refuses it, so that a call which this
version of the library would not offer cannot pass unnoticed. Their enumerations are written
`Literal[...] | str` (open to future values); here only the named values pass.
"""

import re
import sys
from decimal import Decimal, InvalidOperation
from functools import cache
from types import SimpleNamespace, UnionType
from typing import Any, Final, Literal, NotRequired, Required, Union, get_args, get_origin

from stripe import RequestOptions
from typing_extensions import get_type_hints, is_typeddict

from tests.stripe_standin.errors import bad_parameter

INTEGER: Final = re.compile(r"-?[0-9]{1,18}\Z", re.ASCII)
NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?\Z", re.ASCII)


def check(schema: Any, values: dict[str, Any], *, path: str = "") -> dict[str, Any]:
    """Return the values typed as the schema says, or raise the 400 that Stripe would answer."""
    known = _hints(schema)
    for name in values:
        if name not in known:
            param = _join(path, name)
            raise bad_parameter(
                f"Received unknown parameter: {param}", param=param, code="parameter_unknown"
            )
    for name in sorted(schema.__required_keys__ & set(known)):
        if name not in values:
            param = _join(path, name)
            raise bad_parameter(
                f"Missing required param: {param}.", param=param, code="parameter_missing"
            )
    return {name: _convert(known[name], raw, _join(path, name)) for name, raw in values.items()}


@cache
def _hints(schema: Any) -> dict[str, Any]:
    """The parameters of a schema; the library's request options are headers, not parameters."""
    own = {
        name: hint
        for name, hint in schema.__annotations__.items()
        if name not in RequestOptions.__annotations__
    }
    module = vars(sys.modules[schema.__module__])
    return get_type_hints(SimpleNamespace(__annotations__=own), globalns=module)


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _convert(hint: Any, raw: Any, param: str) -> Any:
    options = _options(hint)
    if isinstance(raw, dict):
        return _convert_tree(options, raw, param)
    return _convert_text(options, raw, param)


def _options(hint: Any) -> list[Any]:
    origin = get_origin(hint)
    if origin in (NotRequired, Required):
        return _options(get_args(hint)[0])
    if origin in (Union, UnionType):
        return [option for part in get_args(hint) for option in _options(part)]
    return [hint]


def _convert_tree(options: list[Any], raw: dict[str, Any], param: str) -> Any:
    is_list = all(key.isdecimal() for key in raw)
    for option in options:
        if get_origin(option) is list and is_list:
            inner = get_args(option)[0]
            ordered = sorted(raw, key=int)
            return [_convert(inner, raw[key], f"{param}[{key}]") for key in ordered]
        if is_typeddict(option):
            return check(option, raw, path=param)
        if get_origin(option) is dict:
            inner = get_args(option)[1]
            return {key: _convert(inner, raw[key], f"{param}[{key}]") for key in raw}
    raise bad_parameter(f"Invalid value for {param}", param=param)


def _convert_text(options: list[Any], raw: str, param: str) -> Any:
    literals = [value for o in options if get_origin(o) is Literal for value in get_args(o)]
    if raw in literals:
        return raw
    if raw == "":
        raise bad_parameter(
            f"You passed an empty string for '{param}'. We assume empty values are an attempt to "
            "unset a parameter; however it cannot be unset.",
            param=param,
            code="parameter_invalid_empty",
        )
    named = [value for value in literals if value != ""]
    if named and not any(option in (int, bool, Decimal) for option in options):
        raise bad_parameter(f"Invalid {param}: must be one of {', '.join(named)}", param=param)
    for kind in (bool, int, float, Decimal, str):
        if kind in options:
            return _scalar(kind, raw, param)
    raise bad_parameter(f"Invalid object: {param}", param=param)


def _scalar(kind: type, raw: str, param: str) -> Any:
    if kind is bool:
        if raw in ("true", "false"):
            return raw == "true"
        raise bad_parameter(f"Invalid boolean: {raw}", param=param)
    if kind is int:
        if INTEGER.match(raw):
            return int(raw)
        raise bad_parameter(
            f"Invalid integer: {raw}", param=param, code="parameter_invalid_integer"
        )
    if kind is str:
        return raw
    return _decimal(raw, param)


def _decimal(raw: str, param: str) -> Decimal:
    if not NUMBER.match(raw):
        raise bad_parameter(f"Invalid decimal: {raw}", param=param)
    try:
        return Decimal(raw)
    except InvalidOperation as error:  # pragma: no cover - the pattern lets none through
        raise bad_parameter(f"Invalid decimal: {raw}", param=param) from error
