"""Draw what was achieved against what the machine was measured to reach: a roofline.

Samuel Williams, Andrew Waterman, David Patterson: Roofline: an insightful visual performance model
for multicore architectures. Communications of the ACM 52(4), 2009.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtWidgets import QWidget

from gradviz.gui.devices.plot import FlopsAxis, HoverPoint, NumberAxis, Plot
from gradviz.gui.devices.wording import (
    device_title,
    dtype_title,
    measurement_help,
    part_title,
    threads_title,
)
from gradviz.gui.style import Theme
from gradviz.recording.timing import Ceiling, Measurement, TimedPart, Timing
from gradviz.recording.units import format_rate

_LINES: Final = 18
_OPS: Final = (TimedPart.OP, TimedPart.OP_BACKWARD)


_Box = tuple[float, float, float, float]
"""Left, right, bottom, top."""


class RooflinePlot(Plot):
    """Arithmetic per second over arithmetic per byte moved, under the measured ceilings.

    Attributes:
        points: the measurements that are drawn.
        ceilings: what the devices reach at best.
    """

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        self.points: tuple[Measurement, ...] = ()
        self.ceilings: tuple[Ceiling, ...] = ()
        axes = {"bottom": NumberAxis("bottom"), "left": FlopsAxis("left")}
        super().__init__(theme, axes=axes, parent=parent)
        self.setLogMode(x=True, y=True)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Roofline"))
        super()._retranslate()

    def set_timing(self, timing: Timing) -> None:
        """Draw another timing: what computes something, under the ceilings of its devices."""
        self.points = tuple(
            m for m in timing.measurements if m.flops and m.moved_nbytes and m.seconds
        )
        self.ceilings = timing.ceilings
        self._redraw()

    def _draw(self) -> None:
        self.set_lines(_LINES)
        self.setAccessibleDescription(
            ". ".join(self._told(m).replace("\n", ", ") for m in self.points)
        )
        if not self.points:
            return
        xs = np.log10([_intensity(m) for m in self.points])
        ys = np.log10([m.flops_per_second or 1.0 for m in self.points])
        knees = [np.log10(c.flops_per_second / c.bytes_per_second) for c in self.ceilings]
        tops = [np.log10(c.flops_per_second) for c in self.ceilings]
        left = min(float(xs.min()), *knees, float(xs.min())) - 0.4
        right = max(float(xs.max()), *knees, float(xs.max())) + 0.6
        bottom = float(ys.min()) - 0.5
        top = max(float(ys.max()), *tops, float(ys.max())) + 0.6
        self.setXRange(left, right, padding=0)
        self.setYRange(bottom, top, padding=0)
        self.label_axis("bottom", self.tr("FLOP per byte moved"))
        self.label_axis("left", "FLOP/s")
        self._roof_texts: list[_Box] = []
        for index, ceiling in enumerate(self.ceilings):
            self._draw_roof(index, ceiling, left, right)
        symbols = {part: "o" if part not in _OPS else "t" for part in TimedPart}
        symbols[TimedPart.OP_BACKWARD] = "t1"
        for x, y, measurement in zip(xs, ys, self.points, strict=True):
            colour = self._colour(measurement)
            self.draw_points([x], [y], colour, symbols[measurement.part], 10.0)
            self.hover.append(HoverPoint(float(x), float(y), self._told(measurement)))
        self._name_points(xs, ys)

    def _name_points(self, xs: np.ndarray, ys: np.ndarray) -> None:
        """Names beside points, the slowest first, as far as they cover nothing."""
        view = self.getPlotItem().getViewBox()
        pixel_x, pixel_y = view.viewPixelSize()
        tall = self.line_height() * pixel_y
        dots = zip(xs.tolist(), ys.tolist(), strict=True)
        near_x, near_y = 6 * pixel_x, 6 * pixel_y
        taken = [(x - near_x, x + near_x, y - near_y, y + near_y) for x, y in dots]
        taken += self._roof_texts
        (left, right), _ = view.viewRange()
        for index in sorted(range(len(self.points)), key=lambda i: -self.points[i].median):
            x, y = float(xs[index]), float(ys[index])
            name = self._name(self.points[index])
            wide = (self.fontMetrics().horizontalAdvance(name) + 10) * pixel_x
            for side in (1, -1):
                start = x + 8 * pixel_x if side > 0 else x - 8 * pixel_x - wide
                box = (start, start + wide, y - tall / 2, y + tall / 2)
                inside = box[0] >= left and box[1] <= right
                if inside and not any(_overlap(box, other) for other in taken):
                    taken.append(box)
                    self.text_item(name, start, y, anchor=(0, 0.5))
                    break

    def _name(self, measurement: Measurement) -> str:
        if measurement.part in _OPS:
            text = " ".join(measurement.text.split())
            return text if len(text) <= 18 else text[:17] + "…"
        return part_title(measurement.part)

    def _draw_roof(self, index: int, ceiling: Ceiling, left: float, right: float) -> None:
        colour = self._device_colour(ceiling.device)
        knee = float(np.log10(ceiling.flops_per_second / ceiling.bytes_per_second))
        flat = float(np.log10(ceiling.flops_per_second))
        slope = float(np.log10(ceiling.bytes_per_second))
        self.draw_line([left, knee, right], [left + slope, flat, flat], colour, dashed=index > 0)
        where = [device_title(ceiling.device)]
        if len({c.dtype for c in self.ceilings}) > 1:
            where.append(dtype_title(ceiling.dtype))
        if len({(c.device, c.threads) for c in self.ceilings}) > len(
            {c.device for c in self.ceilings}
        ):
            where.append(threads_title(ceiling.threads))
        best = format_rate(ceiling.flops_per_second, "FLOP/s")
        text = f"{' · '.join(where)}: {best}"
        self.text_item(text, right, flat, anchor=(1, 1), colour=self._theme.muted)
        pixel_x, pixel_y = self.getPlotItem().getViewBox().viewPixelSize()
        wide = (self.fontMetrics().horizontalAdvance(text) + 24) * pixel_x
        tall = 1.4 * self.line_height() * pixel_y
        self._roof_texts.append((right - wide, right, flat, flat + tall))
        copy = self.tr("copy {}").format(format_rate(ceiling.bytes_per_second, "B/s"))
        told = f"{' · '.join(where)}\n{self.tr('matrix product {}').format(best)}\n{copy}"
        self.hover += [HoverPoint(x, min(x + slope, flat), told) for x in (left, knee, right)]

    def _told(self, measurement: Measurement) -> str:
        name = measurement.text if measurement.part in _OPS else ""
        told = measurement_help(measurement, name)
        share = self._share(measurement)
        if share is None:
            return told
        if share > 1:
            return f"{told}\n{self.tr('Above the roof: its data stays in the caches.')}"
        percent = self.tr("{} % of what the device reaches at this FLOP per byte")
        return f"{told}\n{percent.format(f'{100 * share:.3g}')}"

    def _share(self, measurement: Measurement) -> float | None:
        for ceiling in self.ceilings:
            same = (ceiling.device, ceiling.threads, ceiling.dtype)
            if same == (measurement.device, measurement.threads, measurement.dtype):
                reach = min(
                    ceiling.flops_per_second, ceiling.bytes_per_second * _intensity(measurement)
                )
                return (measurement.flops_per_second or 0.0) / reach
        return None

    def _colour(self, measurement: Measurement) -> str:
        if measurement.part in (TimedPart.BACKWARD, TimedPart.OP_BACKWARD):
            return self._theme.gradient
        return self._device_colour(measurement.device)

    def _device_colour(self, device: str) -> str:
        devices = sorted(
            {m.device for m in self.points} | {c.device for c in self.ceilings},
            key=lambda name: (name != "cpu", name),
        )
        # The gradient's colour is that of backward.
        return self.series_colour((0, 2, 3, 4, 5)[devices.index(device) % 5])


def _intensity(measurement: Measurement) -> float:
    return (measurement.flops or 1) / (measurement.moved_nbytes or 1)


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]
