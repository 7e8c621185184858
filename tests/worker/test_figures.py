"""Figures of matplotlib among the outputs of a run, in a worker as the window starts it."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest

from gradviz.recording.model import Image, Output, OutputKind, Recording, RunStatus
from gradviz.recording.timing import TimedPart
from gradviz.worker.client import FIGURE_BACKEND, _with_figures
from gradviz.worker.messages import OutputAdded, Run, RunFinished, TimeParts, TimingFinished
from tests.worker.peer import Peer

pytest.importorskip("matplotlib")

PYPLOT = "import matplotlib.pyplot as plt\n"


@pytest.fixture(scope="module")
def _window_peer() -> Iterator[Peer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MPLBACKEND", raising=False)
        patch.delenv("DISPLAY", raising=False)
        patch.delenv("WAYLAND_DISPLAY", raising=False)
        peer = Peer(shows_figures=True)
    with peer:
        peer.wait_until_ready()
        yield peer


@pytest.fixture
def window_peer(_window_peer: Peer) -> Iterator[Peer]:
    yield _window_peer
    assert _window_peer.mail.empty(), "the test left answers behind"


def run(peer: Peer, text: str) -> Recording:
    recording = peer.run(text)
    assert recording.error is None, recording.error
    return recording


def shown(recording: Recording) -> list[tuple[int | None, str]]:
    """The line and the text of each output; images in stars."""
    return [(o.line, f"*{o.text}*" if o.image else o.text) for o in recording.outputs]


def images(recording: Recording) -> list[Image]:
    return [output.image for output in recording.outputs if output.image is not None]


ONE = "*<Figure size 640x480 with 1 Axes>*"


def test_plt_show_shows_the_figure_at_its_line_and_the_run_goes_on(window_peer: Peer) -> None:
    text = PYPLOT + "plt.plot([1, 3, 2])\nplt.title('Loss')\nplt.show()\nprint('on')\n"
    recording = run(window_peer, text)
    assert shown(recording) == [(4, "*<Figure size 640x480 with 1 Axes: Loss>*"), (5, "on")]
    (image,) = images(recording)
    assert image.png.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack_from(">16x2L", image.png)
    assert (width, height) == pytest.approx((2 * image.width, 2 * image.height), abs=2)
    assert image.width == pytest.approx(600, abs=60)


def test_figures_that_are_open_at_the_end_are_shown_once_at_the_lines_that_made_them(
    window_peer: Peer,
) -> None:
    text = PYPLOT + (
        "plt.plot([1, 2])\n"
        "other, axes = plt.subplots(1, 2)\n"
        "axes[1].plot([2, 1])\n"
        "other.show()\n"
        "print('end')\n"
    )
    assert shown(run(window_peer, text)) == [
        (5, "*<Figure size 640x480 with 2 Axes>*"),
        (6, "end"),
        (2, ONE),
    ]
    assert shown(run(window_peer, PYPLOT + "plt.get_fignums()\n")) == [(2, "[]")]


def test_a_figure_that_changed_is_shown_again_and_an_unchanged_one_is_not(
    window_peer: Peer,
) -> None:
    text = PYPLOT + (
        "fig = plt.figure()\n"
        "ax = fig.gca()\n"
        "ax.plot([1, 2])\n"
        "fig\n"
        "fig.show()\n"
        "ax.plot([2, 1])\n"
        "plt.show()\n"
    )
    assert shown(run(window_peer, text)) == [(5, ONE), (8, ONE)]


def test_a_closed_figure_is_not_shown_and_a_saved_one_is(window_peer: Peer, tmp_path) -> None:
    text = PYPLOT + (
        f"plt.plot([1, 2])\nplt.savefig({str(tmp_path / 'a.pdf')!r})\nplt.close()\n"
        f"plt.plot([1, 2])\nplt.savefig({str(tmp_path / 'b.png')!r})\n"
    )
    assert shown(run(window_peer, text)) == [(5, ONE)]
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "b.png").read_bytes().startswith(b"\x89PNG")


def test_a_plot_that_is_drawn_again_and_again_is_there_once(window_peer: Peer) -> None:
    text = PYPLOT + (
        "plt.ion()\n"
        "for i in range(3):\n"
        "    plt.cla()\n"
        "    plt.plot([i, 2])\n"
        "    plt.pause(0.01)\n"
        "    print(i)\n"
        "plt.ioff()\n"
        "plt.show()\n"
    )
    before, finished = window_peer.collect_until_answered(Run(text=text), RunFinished)
    told = [one.output for one in before if isinstance(one, OutputAdded)]
    assert [one.image.number for one in told if one.image] == [1, 1, 1]
    assert len({one.image.png for one in told if one.image}) == 3
    assert shown(finished.recording) == [(7, "0"), (7, "1"), (6, ONE), (7, "2")]


def test_figures_of_a_loop_are_bounded_and_it_is_told(window_peer: Peer) -> None:
    text = (
        PYPLOT + "for i in range(53):\n"
        "    plt.figure(figsize=(1, 1))\n    plt.axis('off')\n    plt.text(0, 0, str(i))\n"
        "    plt.show()\nprint('end')\n"
    )
    recording = run(window_peer, text)
    assert len(images(recording)) == 50
    assert recording.outputs[50:] == (
        Output(
            6,
            OutputKind.WARNING,
            "No more figures are shown from here on: a run shows at most 50, and 16 MiB of them.",
        ),
        Output(7, OutputKind.PRINT, "end"),
    )


def test_figures_until_an_error_are_shown(window_peer: Peer) -> None:
    recording = window_peer.run(PYPLOT + "plt.plot([1, 2])\n1 / 0\n")
    assert recording.error is not None
    assert (recording.error.type, recording.error.line) == ("ZeroDivisionError", 3)
    assert shown(recording) == [(2, ONE)]


def test_figures_until_stop_are_shown(window_peer: Peer) -> None:
    text = PYPLOT + "import time\nplt.plot([1, 2])\ntime.sleep(60)"
    number = window_peer.begin(text)
    window_peer.client.interrupt(number)
    recording = window_peer.wait_for(RunFinished).recording
    assert recording.status is RunStatus.LIMITED
    assert shown(recording) == [(3, ONE)]


def test_what_is_stopped_while_it_is_drawn_is_not_drawn_again(window_peer: Peer) -> None:
    text = PYPLOT + (
        "import time\n"
        "from matplotlib.lines import Line2D\n"
        "class Slow(Line2D):\n"
        "    def draw(self, renderer):\n"
        "        print('drawing')\n"
        "        time.sleep(60)\n"
        "plt.gca().add_artist(Slow([0, 1], [0, 1]))\n"
        "plt.show()\n"
    )
    number = window_peer.client.send(Run(text=text))
    window_peer.wait_for(OutputAdded)
    window_peer.client.interrupt(number)
    recording = window_peer.wait_for(RunFinished).recording
    assert recording.status is RunStatus.LIMITED
    assert shown(recording) == [(6, "drawing")]


def test_a_figure_that_cannot_be_drawn_says_so_and_the_others_are_shown(
    window_peer: Peer,
) -> None:
    text = PYPLOT + "plt.title(r'$\\frac{a$')\nplt.figure()\nplt.plot([1, 2])\nprint()\n"
    recording = run(window_peer, text)
    assert shown(recording)[-1] == (3, ONE)
    (warning,) = (one for one in recording.outputs if one.kind is OutputKind.WARNING)
    assert warning.line == 2
    assert warning.text.startswith("This figure could not be drawn: ValueError: ")
    error = window_peer.run(PYPLOT + "plt.title(r'$\\frac{a$')\nplt.show()\n").error
    assert error is not None
    assert (error.type, error.line) == ("ValueError", 3)


def test_what_calls_that_draw_return_is_shown_of_the_last_one_only(window_peer: Peer) -> None:
    text = PYPLOT + (
        "plt.figure(figsize=(1, 1))\nplt.hist([1, 2])\nplt.boxplot([1, 2])\nplt.xticks()\n"
        "plt.subplots(1, 2)\nplt.xlim(0, 1)\nplt.xlim()\nplt.ion()\nplt.axis('off')\n"
        "nested = []\nnested.append(nested)\nlist(nested)\n"
        "plt.close('all')\nplt.gca().set_title('t')\n"
    )
    told = shown(run(window_peer, text))
    assert [line for line, _ in told] == [8, 13, 15, 15]
    assert told[2] == (15, "Text(0.5, 1.0, 't')")


def test_showing_all_figures_leaves_the_current_one_current(window_peer: Peer) -> None:
    text = PYPLOT + "plt.figure(1)\nplt.plot([1])\nplt.figure(2)\nplt.plot([2])\nplt.figure(1)\n"
    text += "plt.show(block=False)\nprint(plt.gcf().number)\nplt.close('all')\n"
    assert "1" in [output for _, output in shown(run(window_peer, text))]


def test_an_empty_figure_is_told_in_words(window_peer: Peer) -> None:
    text = PYPLOT + "plt.figure()\nplt.figure(2)\n"
    assert shown(run(window_peer, text)) == [(3, "<Figure size 640x480 with 0 Axes>")]


def test_what_was_set_in_a_run_is_as_before_in_the_next(window_peer: Peer) -> None:
    text = PYPLOT + "import matplotlib\nmatplotlib.use('Agg')\nplt.ion()\n"
    text += "plt.style.use('dark_background')\nplt.rcParams['figure.figsize'] = (3, 2)\n"
    text += "plt.plot([1, 2])\nplt.show()\nprint(matplotlib.get_backend().lower())\n"
    assert shown(run(window_peer, text)) == [(9, "agg")]
    text = PYPLOT + "plt.rcParams['figure.figsize']\nplt.isinteractive()\nplt.plot([1])\nplt.show()"
    assert shown(run(window_peer, text)) == [(2, "[6.4, 4.8]"), (3, "False"), (5, ONE)]


def test_a_backend_that_needs_a_display_says_what_to_do_without_one(window_peer: Peer) -> None:
    recording = window_peer.run("import matplotlib\nmatplotlib.use('TkAgg')\n" + PYPLOT)
    assert recording.error is not None
    assert "appear in the output" in recording.error.help


def test_a_huge_figure_is_drawn_small_enough(window_peer: Peer) -> None:
    text = PYPLOT + "plt.figure(figsize=(200, 300))\nplt.plot([1, 2])\nplt.text(9, 1, 'far off')\n"
    (image,) = images(run(window_peer, text))
    width, height = struct.unpack_from(">16x2L", image.png)
    assert width * height < 2.2e6
    assert image.width == pytest.approx(20_000, rel=0.2)


def test_drawing_is_not_recorded(window_peer: Peer) -> None:
    plain = "import torch\nx = torch.linspace(0, 1, 5, requires_grad=True)\ny = (x * x).sum()\n"
    backward = "y.backward()\n"
    drawing = PYPLOT + (
        "from matplotlib.lines import Line2D\n"
        "class Own(Line2D):\n"
        "    def draw(self, renderer):\n"
        "        self.set_alpha(float(torch.ones(3).mean() / 2))\n"
        "        super().draw(renderer)\n"
        "plt.gca().add_artist(Own([0, 1], [0, 1]))\n"
        "plt.show()\n"
    )
    without = run(window_peer, plain + backward)
    recording = run(window_peer, plain + drawing + backward)
    assert [op.name for op in recording.ops] == [op.name for op in without.ops]
    assert len(recording.passes[0].steps) == len(without.passes[0].steps)
    assert len(images(recording)) == 1


def test_timing_shows_nothing_and_leaves_no_figure_open(window_peer: Peer) -> None:
    text = "import torch\n" + PYPLOT + "x = torch.ones(3, requires_grad=True)\n"
    text += "plt.plot([1, 2])\nplt.show()\nplt.plot([1, 2])\nx.sum().backward()\n"
    request = TimeParts(
        text=text, parts=(TimedPart.FORWARD,), devices=("cpu",), min_seconds=0.01, max_seconds=0.1
    )
    before, finished = window_peer.collect_until_answered(request, TimingFinished)
    assert finished.error is None
    assert not [one for one in before if isinstance(one, OutputAdded)]
    assert shown(run(window_peer, PYPLOT + "plt.get_fignums()\n")) == [(2, "[]")]


def test_without_matplotlib_nothing_imports_it(window_peer: Peer) -> None:
    with Peer(shows_figures=True) as peer:
        peer.wait_until_ready()
        text = "import sys\n[n for n in sys.modules if n.startswith('matplotlib')]\n"
        assert shown(run(peer, text)) == [(2, "[]")]


def test_a_backend_of_the_persons_own_comes_first() -> None:
    inline = "module://matplotlib_inline.backend_inline"
    assert _with_figures({"MPLBACKEND": "TkAgg"}) == {"MPLBACKEND": "TkAgg"}
    for environment in ({}, {"MPLBACKEND": ""}, {"MPLBACKEND": inline}):
        assert _with_figures(environment) == {"MPLBACKEND": FIGURE_BACKEND}


def test_in_a_terminal_matplotlib_chooses_as_in_any_program(peer: Peer) -> None:
    text = "import os\nprint(os.environ.get('MPLBACKEND', ''))\n"
    assert FIGURE_BACKEND not in shown(run(peer, text))[0][1]
