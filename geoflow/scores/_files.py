"""A user's scores in a file: Python that registers them when it is run."""

import sys
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import cloudpickle

from geoflow.errors import SpecError
from geoflow.scores._own import registered
from geoflow.scores._values import error_line
from geoflow.text.shown import short


def load_scores(file: Path | str) -> tuple[str, ...]:
    """Run a Python file and return the labels of the scores that it registers.

    Its functions go to other processes by value, since no other process could import them; what
    lies beside the file is found as if Python ran it. Raises SpecError for a file that cannot be
    read, that fails, or that registers nothing.
    """
    path = Path(file)
    if not path.is_file():
        raise SpecError(f"no file {short(path, 300)}: give --scores the path of a Python file")
    whole = path.resolve()
    name = f"geoflow_scores_{sha256(str(whole).encode()).hexdigest()[:12]}"
    spec = spec_from_file_location(name, whole)
    if spec is None or spec.loader is None:
        raise SpecError(f"{short(path, 300)} is no Python file: give --scores one that ends in .py")
    module = module_from_spec(spec)
    before = registered()
    beside = str(whole.parent)
    if beside not in sys.path:
        sys.path.append(beside)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # whatever a user's file does
        del sys.modules[name]
        raise SpecError(
            f"{short(path, 300)} cannot be run ({error_line(error)}): mend it"
        ) from None
    cloudpickle.register_pickle_by_value(module)
    names = [one for one, score in registered().items() if before.get(one) is not score]
    if not names:
        raise SpecError(
            f"{short(path, 300)} registers no score: write a function under @geoflow.layer_score"
        )
    return tuple(names)
