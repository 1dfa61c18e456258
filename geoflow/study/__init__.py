"""Grids of networks: planned, trained, measured and written cell by cell."""

from geoflow.study._cluster import cluster
from geoflow.study._listener import Listener
from geoflow.study._single import train
from geoflow.study.merge import Merged, merge_studies
from geoflow.study.run import StudyRun, run_study

__all__ = ["Listener", "Merged", "StudyRun", "cluster", "merge_studies", "run_study", "train"]
