"""Watch torch while ordinary code runs and fill a recording with what it did."""

from gradviz.tracer.tracer import Traced, Tracer

__all__ = ["Traced", "Tracer"]
