"""Text that others named, made safe to print: control characters are written out, never sent."""


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
