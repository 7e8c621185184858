"""The commands that decide what of the graph is drawn, and where."""

from __future__ import annotations

from typing import Final

from gradviz.gui.action_spec import FILE, QT_TRANSLATE_NOOP, VIEW, ActionSpec

SHOW: Final = QT_TRANSLATE_NOOP("Actions", "S&how")
FILTERS: Final = QT_TRANSLATE_NOOP("Actions", "Filters")
FOLDING: Final = QT_TRANSLATE_NOOP("Actions", "Fol&ding")
LAYOUT: Final = QT_TRANSLATE_NOOP("Actions", "La&yout")
OVERLAY: Final = QT_TRANSLATE_NOOP("Actions", "O&verlay")

FILE_ACTIONS: Final = (
    ActionSpec(
        id="export_graph",
        menu=FILE,
        text=QT_TRANSLATE_NOOP("Actions", "Ex&port the graph…"),
        shortcuts=("Ctrl+E",),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Save what is shown as SVG, PNG, PDF or DOT"),
        starts_group=True,
    ),
    ActionSpec(
        id="export_steps",
        menu=FILE,
        text=QT_TRANSLATE_NOOP("Actions", "Export e&very step…"),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "Save a PDF with a page for each step, such as for slides or handouts"
        ),
    ),
    ActionSpec(
        id="copy_picture",
        menu=FILE,
        text=QT_TRANSLATE_NOOP("Actions", "&Copy the picture"),
        shortcuts=("Ctrl+Shift+C",),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Copy what is shown to the clipboard"),
    ),
    ActionSpec(
        id="pictures_as_shown",
        menu=FILE,
        text=QT_TRANSLATE_NOOP("Actions", "Pict&ures in the window's colours"),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "Export and copy in the colours that are seen here, not on white paper"
        ),
        checkable=True,
    ),
)

OVERLAY_ACTIONS: Final = (
    ActionSpec(
        id="overlay_none",
        menu=VIEW,
        submenu=OVERLAY,
        text=QT_TRANSLATE_NOOP("Actions", "&None"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Each kind of card in its own colours"),
        checkable=True,
    ),
    ActionSpec(
        id="overlay_dtype",
        menu=VIEW,
        submenu=OVERLAY,
        text=QT_TRANSLATE_NOOP("Actions", "&Dtype"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Colour the graph by dtype"),
        checkable=True,
        starts_group=True,
    ),
    ActionSpec(
        id="overlay_device",
        menu=VIEW,
        submenu=OVERLAY,
        text=QT_TRANSLATE_NOOP("Actions", "De&vice"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Colour the graph by device"),
        checkable=True,
    ),
    ActionSpec(
        id="overlay_time",
        menu=VIEW,
        submenu=OVERLAY,
        text=QT_TRANSLATE_NOOP("Actions", "&Time"),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "Colour the graph by the time that each op took in the run"
        ),
        checkable=True,
    ),
    ActionSpec(
        id="overlay_gradient",
        menu=VIEW,
        submenu=OVERLAY,
        text=QT_TRANSLATE_NOOP("Actions", "&Gradient norm"),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "Colour cards and edges by the norms of their gradients"
        ),
        checkable=True,
    ),
    ActionSpec(
        id="overlay_bytes",
        menu=VIEW,
        submenu=OVERLAY,
        text=QT_TRANSLATE_NOOP("Actions", "&Bytes"),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "Colour the graph by memory: tensors, results, what is saved"
        ),
        checkable=True,
    ),
    ActionSpec(
        id="overlay_difference",
        menu=VIEW,
        submenu=OVERLAY,
        text=QT_TRANSLATE_NOOP("Actions", "&What differs"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Colour what a what-if run changed"),
        checkable=True,
    ),
)
OVERLAY_IDS: Final = tuple(spec.id for spec in OVERLAY_ACTIONS)

GRAPH_ACTIONS: Final = (
    *OVERLAY_ACTIONS,
    ActionSpec(
        id="show_forward",
        menu=VIEW,
        submenu=SHOW,
        text=QT_TRANSLATE_NOOP("Actions", "&Forward"),
        shortcuts=("Ctrl+1",),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Tensors and ops as written"),
        checkable=True,
    ),
    ActionSpec(
        id="show_backward",
        menu=VIEW,
        submenu=SHOW,
        text=QT_TRANSLATE_NOOP("Actions", "&Backward"),
        shortcuts=("Ctrl+2",),
        tooltip=QT_TRANSLATE_NOOP("Actions", "PyTorch's autograd nodes and the leaves"),
        checkable=True,
    ),
    ActionSpec(
        id="show_both",
        menu=VIEW,
        submenu=SHOW,
        text=QT_TRANSLATE_NOOP("Actions", "B&oth"),
        shortcuts=("Ctrl+3",),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Each op with its autograd nodes"),
        checkable=True,
    ),
    ActionSpec(
        id="this_pass",
        menu=VIEW,
        submenu=SHOW,
        text=QT_TRANSLATE_NOOP("Actions", "Only this &pass"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Draw only what the shown backward pass executed"),
        checkable=True,
        starts_group=True,
    ),
    ActionSpec(
        id="hide_constants",
        menu=VIEW,
        submenu=FILTERS,
        text=QT_TRANSLATE_NOOP("Actions", "Hide &constants"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Leave out what needs no gradient"),
        checkable=True,
    ),
    ActionSpec(
        id="hide_outside",
        menu=VIEW,
        submenu=FILTERS,
        text=QT_TRANSLATE_NOOP("Actions", "Hide what is &outside the gradient graph"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Leave out what no backward pass went through"),
        checkable=True,
    ),
    ActionSpec(
        id="hide_nodes",
        menu=VIEW,
        submenu=FILTERS,
        text=QT_TRANSLATE_NOOP("Actions", "Hide autograd &nodes"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Leave out the autograd nodes beside their ops"),
        checkable=True,
    ),
    ActionSpec(
        id="show_hidden",
        menu=VIEW,
        submenu=FILTERS,
        text=QT_TRANSLATE_NOOP("Actions", "&Show everything"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Turn all filters off"),
        starts_group=True,
    ),
    ActionSpec(
        id="open_all",
        menu=VIEW,
        submenu=FOLDING,
        text=QT_TRANSLATE_NOOP("Actions", "&Open all"),
        shortcuts=("Ctrl+Shift+E",),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Draw every op of every module and loop"),
    ),
    ActionSpec(
        id="fold_all",
        menu=VIEW,
        submenu=FOLDING,
        text=QT_TRANSLATE_NOOP("Actions", "&Fold all"),
        shortcuts=("Ctrl+Shift+D",),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Draw each module and loop as one card"),
    ),
    ActionSpec(
        id="fold_fitting",
        menu=VIEW,
        submenu=FOLDING,
        text=QT_TRANSLATE_NOOP("Actions", "As much as is &readable"),
        tooltip=QT_TRANSLATE_NOOP(
            "Actions", "Small graphs open, large ones folded, as when first drawn"
        ),
    ),
    ActionSpec(
        id="toggle_scope",
        menu=VIEW,
        submenu=FOLDING,
        text=QT_TRANSLATE_NOOP("Actions", "Open or fold the &selection"),
        shortcuts=("Ctrl+Shift+O",),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Show what is in the selected card, or fold it up"),
        starts_group=True,
    ),
    ActionSpec(
        id="fold_around",
        menu=VIEW,
        submenu=FOLDING,
        text=QT_TRANSLATE_NOOP("Actions", "Fold what is &around the selection"),
        shortcuts=("Ctrl+Shift+U",),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Draw the module or loop around it as one card"),
    ),
    ActionSpec(
        id="reveal",
        menu=VIEW,
        submenu=FOLDING,
        text=QT_TRANSLATE_NOOP("Actions", "Re&veal the selection"),
        shortcuts=("Ctrl+Shift+R",),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Open all that the selection is folded up in"),
    ),
    ActionSpec(
        id="layout_layered",
        menu=VIEW,
        submenu=LAYOUT,
        text=QT_TRANSLATE_NOOP("Actions", "&Layers"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Each op after its inputs"),
        checkable=True,
    ),
    ActionSpec(
        id="layout_spring",
        menu=VIEW,
        submenu=LAYOUT,
        text=QT_TRANSLATE_NOOP("Actions", "&Spring"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Edges as springs (networkx)"),
        checkable=True,
    ),
    ActionSpec(
        id="layout_kamada_kawai",
        menu=VIEW,
        submenu=LAYOUT,
        text=QT_TRANSLATE_NOOP("Actions", "&Kamada–Kawai"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Distances as in the graph (networkx)"),
        checkable=True,
    ),
    ActionSpec(
        id="layout_circular",
        menu=VIEW,
        submenu=LAYOUT,
        text=QT_TRANSLATE_NOOP("Actions", "&Circle"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "All on a circle (networkx)"),
        checkable=True,
    ),
    ActionSpec(
        id="layout_multipartite",
        menu=VIEW,
        submenu=LAYOUT,
        text=QT_TRANSLATE_NOOP("Actions", "&Multipartite"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "In straight rows by depth (networkx)"),
        checkable=True,
    ),
    ActionSpec(
        id="heading_down",
        menu=VIEW,
        submenu=LAYOUT,
        text=QT_TRANSLATE_NOOP("Actions", "From &top to bottom"),
        checkable=True,
        starts_group=True,
    ),
    ActionSpec(
        id="heading_right",
        menu=VIEW,
        submenu=LAYOUT,
        text=QT_TRANSLATE_NOOP("Actions", "From left to &right"),
        checkable=True,
    ),
    ActionSpec(
        id="reset_layout",
        menu=VIEW,
        submenu=LAYOUT,
        text=QT_TRANSLATE_NOOP("Actions", "Reset the la&yout"),
        tooltip=QT_TRANSLATE_NOOP("Actions", "Put every card back where the layout places it"),
        starts_group=True,
    ),
)
