"""The forms of what is checked, and where something has another one."""

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from infra.verify.differences import pointer_to
from infra.verify.report import Report
from shared.domain.errors import InvalidRequestError
from shared.domain.instants import YEARS, format_instant, parse_day, parse_instant


def _as_written(text: str) -> str:
    try:
        instant = parse_instant(text)
        if format_instant(instant) == text and instant.year in YEARS:
            return text
    except InvalidRequestError:
        pass
    raise ValueError("this is no instant in UTC with milliseconds")


def _day_as_written(text: str) -> str:
    try:
        if parse_day(text).isoformat() == text:
            return text
    except InvalidRequestError:
        pass
    raise ValueError("this is no day")


Text = Annotated[str, Field(min_length=1)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
Instant = Annotated[str, AfterValidator(_as_written)]
Day = Annotated[str, AfterValidator(_day_as_written)]
Quantity = Annotated[str, Field(pattern=r"^-?[0-9]{1,100}(\.[0-9]{1,100})?$")]


class Facts(BaseModel):
    """Nothing is coerced; what has no place here is left to the comparison of all members."""

    model_config = ConfigDict(strict=True, frozen=True)


_F = TypeVar("_F", bound=Facts)


def check_facts(kind: type[_F], value: object, pointer: str, report: Report) -> _F | None:
    """Return the facts; report each place that has another form."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            place = pointer
            for name in each["loc"]:
                place = pointer_to(place, name)
            report.find(place, f"{each['msg']}.")
        return None
