"""JSON from outside, read strictly: one meaning or none."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from shared.domain.errors import BodyTooLargeError, MalformedBodyError

# More digits than any quantity has; Python refuses longer integers only at 4300.
DIGITS_MAX = 30


def read_json(body: bytes, *, size_max: int) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the JSON value; numbers are int or Decimal.

    Raises BodyTooLargeError above `size_max` bytes, and MalformedBodyError for what is not UTF-8
    JSON, has a byte-order mark, duplicate keys, NaN, huge numbers, lone surrogates or NUL.
    """
    if len(body) > size_max:
        raise BodyTooLargeError(f"The body may have {size_max} bytes.")
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse,
            parse_float=_decimal,
            parse_int=_integer,
        )
        if b"\\u" in body:
            _check_escapes(value)
    except (UnicodeError, RecursionError, json.JSONDecodeError) as error:
        raise MalformedBodyError from error
    return value


def _check_escapes(value: object) -> None:
    """A lone surrogate or a NUL passes the parser and then breaks whatever stores it.

    Only an escape can bring one in: UTF-8 has no surrogates, and JSON no bare control characters.
    """
    text = json.dumps(value, ensure_ascii=False, default=str)
    text.encode("utf-8")
    if "\\u0000" in text:
        raise MalformedBodyError


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise MalformedBodyError("An object has the same key twice.")
    return result


def _refuse(constant: str) -> NoReturn:
    raise MalformedBodyError(f"{constant} is not a JSON number.")


def _integer(text: str) -> int:
    if len(text) > DIGITS_MAX or text == "-0":
        raise MalformedBodyError("A number is not one that a quantity has.")
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > DIGITS_MAX or "e" in text.lower():
        raise MalformedBodyError("A number is not one that a quantity has.")
    return Decimal(text)
