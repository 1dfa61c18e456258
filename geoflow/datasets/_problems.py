"""What the name of a catalogued data set means: which original labels make which classes."""

from collections.abc import Iterable
from dataclasses import dataclass

from geoflow.datasets._catalogue import Catalogue, Family
from geoflow.errors import SpecError, unknown


@dataclass(frozen=True)
class Problem:
    """A classification problem cut from a family: class c is the original labels ``groups[c]``."""

    name: str
    family: Family
    classes: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]

    @property
    def n_train(self) -> int:
        """The number of training rows of its classes."""
        return sum(self.family.train_counts[label] for group in self.groups for label in group)

    @property
    def n_test(self) -> int:
        """The number of test rows of its classes."""
        return sum(self.family.test_counts[label] for group in self.groups for label in group)


def _pair(name: str, family: Family) -> Problem | None:
    """Return the problem `family_AvB`, first-named class first; None if it is not so written."""
    head, separator = f"{family.name}_", family.pair
    if separator is None or not name.startswith(head):
        return None
    members = tuple(name.removeprefix(head).split(separator))
    if len(members) != 2:
        return None
    for member in members:
        if member not in family.classes:
            remedy = f"such as {next(n for n in family.named if '_' in n)}"
            raise unknown(f"class of {family.name}", member, family.classes, remedy)
    if members[0] == members[1]:
        raise SpecError(f"data set '{name}' has the same class twice: name two classes")
    return Problem(name, family, members, tuple((family.classes.index(m),) for m in members))


def problem(name: str, families: Catalogue, others: Iterable[str] = ()) -> Problem:
    """Return the problem of a name: a whole family, a pair of its classes or a named grouping.

    ``others`` are further names to suggest when this one is unknown.

    >>> from geoflow.datasets._catalogue import bundled_catalogue
    >>> problem("fashion_shirt_v_coat", bundled_catalogue()).groups
    ((6,), (4,))
    >>> problem("digits_even_v_odd", bundled_catalogue()).classes
    ('even', 'odd')
    >>> problem("mnist_1v7", bundled_catalogue()).n_test
    2163
    """
    for family in families.values():
        if groups := family.groups.get(name):
            return Problem(name, family, tuple(groups), tuple(groups.values()))
        if name == family.name and name in family.named:
            whole = tuple((label,) for label in range(len(family.classes)))
            return Problem(name, family, family.classes, whole)
        if pair := _pair(name, family):
            return pair
    known = [n for family in families.values() for n in family.named]
    remedy = "`geoflow datasets` lists them; pairs are mnist_AvB, digits_AvB, fashion_X_v_Y"
    raise unknown("data set", name, [*known, *others], remedy)
