"""Grids of networks: planned, trained, measured and written cell by cell."""

from geoflow.study.run import StudyRun, run_study, train

__all__ = ["StudyRun", "run_study", "train"]
