"""Activations and a specification in, tables out."""

from geoflow.measure._network import measured
from geoflow.measure.activations import Activations
from geoflow.measure.layers import MeasuredLayer, NetworkFrames, measured_layer

__all__ = ["Activations", "MeasuredLayer", "NetworkFrames", "measured", "measured_layer"]
