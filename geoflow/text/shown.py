"""Text that others named, made safe to print: control characters are written out, never sent."""

from collections.abc import Iterable


def shown(text: str) -> str:
    r"""Return a text with every character that does not print written as Python escapes it.

    Those are controls, line and paragraph separators, changes of direction, zero-width marks and
    lone surrogates: a name can neither move the cursor nor begin a line of its own.

    >>> shown("a" + chr(27) + "[31m, tab " + chr(9) + ", é")
    'a\\x1b[31m, tab \\t, é'
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def short(text: object, most: int = 60) -> str:
    """Return a text of somebody else for a message: in one line, and not long.

    >>> short("layer_" + "9" * 5000, most=20)
    'layer_999... (5006)'
    """
    whole = str(text)
    start = whole if len(whole) <= most else f"{whole[: most - 11]}... ({len(whole)})"
    return shown(start)


def listed(names: Iterable[str], most: int = 12) -> str:
    """Return the first names of many, in order, and how many more there are.

    >>> listed(["b", "a"]), listed(map(str, range(10, 30)), most=2), listed([])
    ('a, b', '10, 11, ... (20 in all)', 'nothing')
    """
    every = sorted(names)
    more = f", ... ({len(every)} in all)" if len(every) > most else ""
    return ", ".join(short(name) for name in every[:most]) + more or "nothing"
