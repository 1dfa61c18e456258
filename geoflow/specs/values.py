"""What a value must be, said once: rules that refuse everything else in one line.

A rule stands beside the field it is of, ``epochs: Annotated[int, Whole()]``, and `check_fields`
applies all rules of a dataclass when it is made. A message names the field, what is allowed and
what was given: "k must be an integer of at least 1, not 2.5 (data set 'circles')".
"""

import math
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from numbers import Integral, Real
from reprlib import Repr
from typing import Any, Protocol, SupportsFloat, get_type_hints

from geoflow.errors import SpecError, unknown

LARGEST_INTEGER = 2**31 - 1
"""The largest number that a column ``integer`` of the store holds."""

LARGEST_SEED = 2**63 - 1
"""The largest number that a column ``bigint`` of the store, numpy and torch take as a seed."""

LONGEST_NAME = 200
"""Characters of a name: the report of a study is a file of its name."""

MOST_VALUES = 10_000
"""Values that a list may have: nobody writes more, and a range may never end."""

SMALLEST_SINGLE, LARGEST_SINGLE = 2.0**-126, (2 - 2.0**-23) * 2.0**127
"""The smallest and the largest normal float32: training takes smaller numbers for 0."""


class Rule(Protocol):
    """What a value must be."""

    def checked(self, name: str, value: Any) -> Any:
        """Return the value as the field holds it, or raise SpecError by the field's name."""


class Shortened(Repr):
    """Python's own short repr, which also survives integers of 5,000 digits."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 60
        self.maxlevel = 3

    def repr_int(self, x: int, level: int) -> str:
        """Return an integer, or how long it is."""
        digits = int(x.bit_length() * math.log10(2)) + 1
        return repr(x) if digits <= 40 else f"an integer of about {digits} digits"


def brief(value: object) -> str:
    """Return a value as one short line for a message.

    >>> brief(2.5), brief("a" * 100)[:9], brief(10**5000)
    ('2.5', "'aaaaaaaa", 'an integer of about 5001 digits')
    """
    return " ".join(Shortened().repr(value).split())


@contextmanager
def about(what: str) -> Iterator[None]:
    """Say of what a value is that is refused inside."""
    try:
        yield
    except SpecError as error:
        raise SpecError(f"{error} ({what})") from None


@dataclass(frozen=True)
class Whole:
    """An integer, low to high; True and 2.0 are none."""

    low: int = 0
    high: int = LARGEST_INTEGER

    def checked(self, name: str, value: Any) -> int:
        """Return the value as an int."""
        is_whole = isinstance(value, Integral) and not isinstance(value, bool)
        if is_whole and self.low <= value <= self.high:
            return int(value)
        is_above = is_whole and value > self.high
        wanted = f"from {self.low} to {self.high}" if is_above else f"of at least {self.low}"
        raise SpecError(f"{name} must be an integer {wanted}, not {brief(value)}")


@dataclass(frozen=True)
class Number:
    """A finite number, low <= value <= high; without its ends where they are open.

    ``is_single``: it is used as a float32, which must hold it and must keep it off open ends.
    """

    low: float = -math.inf
    high: float = math.inf
    is_open_low: bool = False
    is_open_high: bool = False
    is_single: bool = False

    def checked(self, name: str, value: Any) -> float:
        """Return the value as it is: an integer is a number."""
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        if not is_number or not self.holds(value):
            raise SpecError(f"{name} must be a number {self.wanted}, not {brief(value)}")
        number: float = value if isinstance(value, int) else float(value)
        return number

    def holds(self, value: SupportsFloat) -> bool:
        """Return whether a number is in the range."""
        try:
            used = as_single(float(value)) if self.is_single else float(value)
        except OverflowError:
            return False
        is_above = used > self.low if self.is_open_low else used >= self.low
        is_below = used < self.high if self.is_open_high else used <= self.high
        return is_above and is_below and math.isfinite(used)

    @property
    def wanted(self) -> str:
        """The range in words."""
        parts = []
        if math.isfinite(self.low):
            parts.append(f"above {self.low:g}" if self.is_open_low else f"of at least {self.low:g}")
        if math.isfinite(self.high):
            parts.append(f"below {self.high:g}" if self.is_open_high else f"at most {self.high:g}")
        text = " and ".join(parts)
        if math.isfinite(self.high):
            return text
        held = f"float32 holds ({SMALLEST_SINGLE:.2g} to {LARGEST_SINGLE:.2g})"
        return f"{text} that {held if self.is_single else 'is finite'}".lstrip()


def as_single(value: float) -> float:
    """Return a number as training uses it; raises OverflowError where float32 is too small.

    >>> as_single(1e-50), as_single(0.5)
    (0.0, 0.5)
    """
    single: float = struct.unpack("f", struct.pack("f", value))[0]
    return 0.0 if abs(single) < SMALLEST_SINGLE else single


@dataclass(frozen=True)
class Text:
    """A text of at least ``shortest`` characters that can be written as UTF-8."""

    shortest: int = 1
    longest: int = LONGEST_NAME

    def checked(self, name: str, value: Any) -> str:
        """Return the value."""
        if isinstance(value, str) and self.shortest <= len(value) <= self.longest:
            try:
                value.encode()
            except UnicodeEncodeError:
                raise SpecError(f"{name} must be UTF-8 text, not {brief(value)}") from None
            return value
        wanted = f"{self.shortest} to {self.longest} characters"
        raise SpecError(f"{name} must be text of {wanted}, not {brief(value)}")


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def checked(self, name: str, value: Any) -> bool:
        """Return the value."""
        if isinstance(value, bool):
            return value
        raise SpecError(f"{name} must be true or false, not {brief(value)}")


@dataclass(frozen=True)
class OneOf:
    """One of a few words; ``kind`` is what they are of."""

    names: tuple[str, ...]
    kind: str

    def checked(self, name: str, value: Any) -> str:
        """Return the value, or name the nearest word."""
        if not isinstance(value, str):
            listed = ", ".join(self.names)
            raise SpecError(f"{name} must be one of {listed}, not {brief(value)}")
        if value not in self.names:
            raise unknown(self.kind, value, self.names, "choose one of these")
        return value


@dataclass(frozen=True)
class Several:
    """A tuple of values that each keep a rule; one value alone is a tuple of one.

    ``one`` is what a value is called where it is not called as all are.
    """

    each: Rule
    fewest: int = 0
    one: str = ""

    def checked(self, name: str, value: Any) -> tuple[Any, ...]:
        """Return the values as a tuple."""
        is_one = isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable)
        values = (value,) if is_one else tuple(islice(value, MOST_VALUES + 1))
        if len(values) > MOST_VALUES:
            raise SpecError(f"{name} has more than {MOST_VALUES} values: give fewer")
        if len(values) < self.fewest:
            raise SpecError(f"{name} has no values: give at least one")
        return tuple(self.each.checked(self.one or name, one) for one in values)


@dataclass(frozen=True)
class Maybe:
    """None, or a value that keeps a rule."""

    rule: Rule

    def checked(self, name: str, value: Any) -> Any:
        """Return the value."""
        return None if value is None else self.rule.checked(name, value)


@dataclass(frozen=True)
class Made:
    """An object of a class, which has checked itself."""

    kind: type

    def checked(self, name: str, value: Any) -> Any:
        """Return the value."""
        if isinstance(value, self.kind):
            return value
        raise SpecError(f"{name} must be a {self.kind.__name__}, not {brief(value)}")


@dataclass(frozen=True)
class Table:
    """A mapping of names to values that each keep a rule."""

    each: Rule | None = None

    def checked(self, name: str, value: Any) -> dict[str, Any]:
        """Return the mapping as a dict."""
        if not isinstance(value, Mapping):
            raise SpecError(f"{name} must be a table of names and values, not {brief(value)}")
        for key in value:
            Text().checked(f"a name in {name}", key)
        if self.each is None:
            return dict(value)
        return {key: self.each.checked(key, one) for key, one in value.items()}


@cache
def rules_of(kind: type) -> dict[str, Rule]:
    """Return the rules of a dataclass by field."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        name: hint.__metadata__[0] for name, hint in hints.items() if hasattr(hint, "__metadata__")
    }


def check_fields(made: object) -> None:
    """Apply to each field of a frozen dataclass the rule beside it."""
    kind: Any = type(made)
    for name, rule in rules_of(kind).items():
        object.__setattr__(made, name, rule.checked(name, getattr(made, name)))


def whole_in(text: str) -> int:
    """Return the integer that a text is, or raise ValueError: ASCII digits, at most 30 of them.

    >>> whole_in("-12")
    -12
    """
    if not re.fullmatch(r"[+-]?[0-9]{1,30}", text):
        raise ValueError(text)
    return int(text)


def number_in(text: str) -> float:
    """Return the number that a text is, or raise ValueError: as Python reads it, in ASCII.

    >>> number_in("1e-3")
    0.001
    """
    if not text.isascii() or "_" in text:
        raise ValueError(text)
    return float(text)
