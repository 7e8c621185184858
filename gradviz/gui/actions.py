"""Every command of the window in one table: menus, buttons, keys and tooltips come from it."""

from __future__ import annotations

from typing import Final

from gradviz.gui.action_spec import (
    EDIT,
    FILE,
    HELP,
    QT_TRANSLATE_NOOP,
    RUN,
    STEP,
    VIEW,
    ActionSpec,
    control_key,
)
from gradviz.gui.graph_action_table import FILE_ACTIONS, GRAPH_ACTIONS

ACTIONS: Final = (
    ActionSpec(
        id="new",
        menu=FILE,
        text=QT_TRANSLATE_NOOP("Actions", "&New"),
        shortcuts=("Ctrl+N",),
        icon="new",
        tooltip=QT_TRANSLATE_NOOP("Actions", "Start an empty expression file"),
    ),
    ActionSpec(
        id="open",
        menu=FILE,
        text=QT_TRANSLATE_NOOP("Actions", "&Open…"),
        shortcuts=("Ctrl+O",),
        icon="open",
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "Open an expression file, a notebook or a recording; several side by side"
        ),
    ),
    ActionSpec(
        id="save",
        menu=FILE,
        text=QT_TRANSLATE_NOOP("Actions", "&Save"),
        shortcuts=("Ctrl+S",),
        icon="save",
        tooltip=QT_TRANSLATE_NOOP("Actions", "Save the expression file"),
        starts_group=True,
    ),
    ActionSpec(
        id="save_as",
        menu=FILE,
        text=QT_TRANSLATE_NOOP("Actions", "Save &as…"),
        shortcuts=("Ctrl+Shift+S",),
    ),
    ActionSpec(
        id="save_recording",
        menu=FILE,
        text=QT_TRANSLATE_NOOP("Actions", "Save recor&ding as…"),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions",
            "Save the graph with its values and gradients, to open later without running anything",
        ),
    ),
    ActionSpec(
        id="compare",
        menu=FILE,
        text=QT_TRANSLATE_NOOP("Actions", "Co&mpare with a recording…"),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions",
            "Say where this graph's values and gradients part from those of a recording: of before "
            "an edit, of another rank or device",
        ),
    ),
    *FILE_ACTIONS,
    ActionSpec(
        id="quit",
        menu=FILE,
        text=QT_TRANSLATE_NOOP("Actions", "&Quit"),
        shortcuts=("Ctrl+Q",),
        starts_group=True,
    ),
    ActionSpec(
        id="undo",
        menu=EDIT,
        text=QT_TRANSLATE_NOOP("Actions", "&Undo"),
        shortcuts=("Ctrl+Z",),
        icon="undo",
    ),
    ActionSpec(
        id="redo",
        menu=EDIT,
        text=QT_TRANSLATE_NOOP("Actions", "&Redo"),
        shortcuts=("Ctrl+Shift+Z", "Ctrl+Y"),
        icon="redo",
    ),
    ActionSpec(
        id="comment",
        menu=EDIT,
        text=QT_TRANSLATE_NOOP("Actions", "&Comment or uncomment"),
        shortcuts=("Ctrl+/",),
        starts_group=True,
    ),
    ActionSpec(
        id="find",
        menu=EDIT,
        text=QT_TRANSLATE_NOOP("Actions", "&Find…"),
        shortcuts=("Ctrl+F",),
        icon="find",
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "Find in the text, or in the graph when it has the focus"
        ),
        starts_group=True,
    ),
    ActionSpec(
        id="find_in_graph",
        menu=EDIT,
        text=QT_TRANSLATE_NOOP("Actions", "Find in the &graph…"),
        shortcuts=("Ctrl+Alt+F",),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "Names, ops, shapes, conditions, numbers and regular expressions"
        ),
    ),
    ActionSpec(
        id="find_next",
        menu=EDIT,
        text=QT_TRANSLATE_NOOP("Actions", "Find ne&xt"),
        shortcuts=("F3",),
    ),
    ActionSpec(
        id="find_previous",
        menu=EDIT,
        text=QT_TRANSLATE_NOOP("Actions", "Find &previous"),
        shortcuts=("Shift+F3",),
    ),
    ActionSpec(
        id="run",
        menu=RUN,
        text=QT_TRANSLATE_NOOP("Actions", "&Run"),
        shortcuts=("Ctrl+Return", "Ctrl+Enter", "F5"),
        icon="run",
        tooltip=QT_TRANSLATE_NOOP("Actions", "Run the code and draw its graph"),
    ),
    ActionSpec(
        id="verify",
        menu=RUN,
        text=QT_TRANSLATE_NOOP("Actions", "Run and &check the gradients"),
        shortcuts=("Ctrl+Shift+Return",),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions",
            "Compare every gradient with an independent one and with finite differences",
        ),
    ),
    ActionSpec(
        id="what_if",
        menu=RUN,
        text=QT_TRANSLATE_NOOP("Actions", "&What if…"),
        shortcuts=("Ctrl+Shift+W",),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "Change a leaf's value or a gradient, run again and see what differs"
        ),
    ),
    ActionSpec(
        id="stop",
        menu=RUN,
        text=QT_TRANSLATE_NOOP("Actions", "S&top"),
        shortcuts=("Ctrl+.",),
        icon="stop",
        tooltip=QT_TRANSLATE_NOOP("Actions", "Stop the running code"),
    ),
    ActionSpec(
        id="fix_seed",
        menu=RUN,
        text=QT_TRANSLATE_NOOP("Actions", "Same random &numbers each run"),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions",
            "Begin every run with the same seed; saved with the file, so that it gives everybody "
            "the same numbers",
        ),
        checkable=True,
        starts_group=True,
    ),
    ActionSpec(
        id="restart",
        menu=RUN,
        text=QT_TRANSLATE_NOOP("Actions", "Restart the &engine"),
        icon="restart",
        tooltip=QT_TRANSLATE_NOOP("Actions", "End the engine's process and start a new one"),
        starts_group=True,
    ),
    ActionSpec(
        id="distrust",
        menu=RUN,
        text=QT_TRANSLATE_NOOP("Actions", "Stop tr&usting this file"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Ask before it is run, now and whenever it is opened"),
    ),
    ActionSpec(
        id="step_over",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "Step &over the next op"),
        shortcuts=("F10",),
        icon="step-over",
        tooltip=QT_TRANSLATE_NOOP("Actions", "Execute all autograd nodes of the next op"),
    ),
    ActionSpec(
        id="step_into",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "Step &into the next node"),
        shortcuts=("F11",),
        icon="step-forward",
        tooltip=QT_TRANSLATE_NOOP("Actions", "Execute the next autograd node"),
    ),
    ActionSpec(
        id="step_out",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "Step o&ut"),
        shortcuts=("Shift+F11",),
        icon="step-out",
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "To the end of the op, otherwise of the module, otherwise of the pass"
        ),
    ),
    ActionSpec(
        id="step_over_back",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "Step back o&ver the previous op"),
        shortcuts=("Shift+F10", "Ctrl+F10"),
        icon="step-over-back",
        tooltip=QT_TRANSLATE_NOOP("Actions", "Undo all autograd nodes of the previous op"),
        starts_group=True,
    ),
    ActionSpec(
        id="step_into_back",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "Step &back into the previous node"),
        shortcuts=("Ctrl+F11",),
        icon="step-back",
        tooltip=QT_TRANSLATE_NOOP("Actions", "Undo the last autograd node"),
    ),
    ActionSpec(
        id="step_out_back",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "Step back ou&t"),
        shortcuts=("Ctrl+Shift+F11",),
        icon="step-out-back",
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "To the start of the op, otherwise of the module, otherwise of the pass"
        ),
    ),
    ActionSpec(
        id="run_on",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "&Run to the next breakpoint"),
        shortcuts=("F8",),
        icon="run-on",
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "To the next breakpoint, or to the end if there is none"
        ),
        starts_group=True,
    ),
    ActionSpec(
        id="run_back",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "Run bac&k to the previous breakpoint"),
        shortcuts=("Shift+F8", "Ctrl+F8"),
        icon="run-back",
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "To the previous breakpoint, or to the start if there is none"
        ),
    ),
    ActionSpec(
        id="toggle_breakpoint",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "Toggle breakpoi&nt"),
        shortcuts=("F9",),
        icon="breakpoint",
        tooltip=QT_TRANSLATE_NOOP(
            "Actions",
            "Set or remove a breakpoint on the cursor's line or, in the graph, on the selection",
        ),
    ),
    ActionSpec(
        id="next_event",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "Ne&xt event of the selection"),
        shortcuts=("F7",),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "To the next moment when something happens to the selection"
        ),
        starts_group=True,
    ),
    ActionSpec(
        id="previous_event",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "&Previous event of the selection"),
        shortcuts=("Shift+F7", "Ctrl+F7"),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "To the previous moment when something happened to the selection"
        ),
    ),
    ActionSpec(
        id="go_first",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "To the &start"),
        shortcuts=("Shift+F5", "Alt+Home"),
        icon="first",
        tooltip=QT_TRANSLATE_NOOP("Actions", "Before the first step of all passes"),
        starts_group=True,
    ),
    ActionSpec(
        id="go_last",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "To the &end"),
        shortcuts=("Alt+End",),
        icon="last",
        tooltip=QT_TRANSLATE_NOOP("Actions", "After the last step of all passes"),
    ),
    ActionSpec(
        id="toggle_play",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "P&lay or pause"),
        shortcuts=("F6",),
        icon="play",
        starts_group=True,
    ),
    ActionSpec(
        id="zoom_pass",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "&Zoom the timeline to this pass, or out"),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "Show the steps of this pass from end to end, or all steps again"
        ),
    ),
    ActionSpec(
        id="predict",
        menu=STEP,
        text=QT_TRANSLATE_NOOP("Actions", "Predict the &gradients"),
        shortcuts=("Ctrl+Shift+G",),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "Type each gradient before it is shown, and see how many you get right"
        ),
        starts_group=True,
    ),
    ActionSpec(
        id="fit",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "&Fit the graph"),
        shortcuts=("Ctrl+Shift+F",),
        icon="fit",
        tooltip=QT_TRANSLATE_NOOP("Actions", "Show the whole graph"),
    ),
    *GRAPH_ACTIONS,
    ActionSpec(
        id="zoom_to_selection",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "&Zoom to the selection"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Show the selected card and what is around it"),
    ),
    ActionSpec(
        id="actual_size",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "Graph in &actual size"),
    ),
    ActionSpec(
        id="show_ancestors",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "Highlight &what it was computed from"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Highlight the ancestors of the selection"),
        starts_group=True,
    ),
    ActionSpec(
        id="show_descendants",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "Highlight what was computed from &it"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Highlight the descendants of the selection"),
    ),
    ActionSpec(
        id="clear_focus",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "Cl&ear the highlighting"),
    ),
    ActionSpec(
        id="edges_by_norm",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "Edge width by gradient &norm"),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "The width of each edge shows the norm of its gradient"
        ),
        checkable=True,
    ),
    ActionSpec(
        id="next_part",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "Next &part of the window"),
        shortcuts=(f"{control_key()}+Tab", "Ctrl+F6"),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "From the text to the output, the graph, the steps and the panel"
        ),
        starts_group=True,
    ),
    ActionSpec(
        id="previous_part",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "Previ&ous part of the window"),
        shortcuts=(f"{control_key()}+Shift+Tab", "Ctrl+Shift+F6"),
    ),
    ActionSpec(
        id="larger",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "&Larger text"),
        shortcuts=("Ctrl++", "Ctrl+="),
        starts_group=True,
    ),
    ActionSpec(
        id="smaller",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "&Smaller text"),
        shortcuts=("Ctrl+-",),
    ),
    ActionSpec(
        id="usual_size",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "&Usual text size"),
        shortcuts=("Ctrl+0",),
    ),
    ActionSpec(
        id="projector",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "Pro&jector mode"),
        shortcuts=("Ctrl+Shift+J",),
        checkable=True,
        tooltip=QT_TRANSLATE_NOOP("Actions", "Text that can be read from the last row (18 points)"),
        starts_group=True,
    ),
    ActionSpec(
        id="full_screen",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "Full s&creen"),
        shortcuts=("Alt+Return",),
        checkable=True,
    ),
    ActionSpec(
        id="reduce_motion",
        menu=VIEW,
        text=QT_TRANSLATE_NOOP("Actions", "&Reduce motion"),
        checkable=True,
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "Cards move to their new places at once, without animation"
        ),
    ),
    ActionSpec(
        id="commands",
        menu=HELP,
        text=QT_TRANSLATE_NOOP("Actions", "&Find a command…"),
        shortcuts=("Ctrl+Shift+P",),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Type part of a command's name and run it"),
    ),
    ActionSpec(
        id="hints",
        menu=HELP,
        text=QT_TRANSLATE_NOOP("Actions", "&Hints"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Show what the parts of the window are for"),
    ),
    ActionSpec(
        id="shortcuts",
        menu=HELP,
        text=QT_TRANSLATE_NOOP("Actions", "&Keyboard shortcuts"),
        shortcuts=("F1",),
    ),
    ActionSpec(
        id="about",
        menu=HELP,
        text=QT_TRANSLATE_NOOP("Actions", "&About gradviz"),
    ),
)

STEP_COMMANDS: Final = tuple(
    spec.id for spec in ACTIONS if spec.menu == STEP and spec.id != "toggle_breakpoint"
)
"""The commands that the timeline carries out."""
