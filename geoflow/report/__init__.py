"""The report of a study: its headline beside the paper's, its figures in one HTML file."""

from geoflow.report._writing import Report, study_report

__all__ = ["Report", "study_report"]
