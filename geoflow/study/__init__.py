"""Grids of networks: planned, trained, measured and written cell by cell."""

from geoflow.study.listener import Listener
from geoflow.study.run import StudyRun, run_study
from geoflow.study.single import train

__all__ = ["Listener", "StudyRun", "run_study", "train"]
