"""What the window shows at the moment: the recording, the playhead, the selection, the settings.

Every panel reads it and asks it for changes; none keeps a truth of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal

from gradviz.gui.disposal import LARGE, Disposal
from gradviz.recording.breakpoints import Breakpoint
from gradviz.recording.items import scope_item, tensor_item
from gradviz.recording.model import Item, ItemKind, PassId, Recording, ScopeId, TensorId
from gradviz.recording.replay import Replay
from gradviz.recording.verification import Verification
from gradviz.recording.versions import version_in_pass
from gradviz.recording.view_options import Folds, FoldStart, ViewOptions

if TYPE_CHECKING:
    from gradviz.recording.chain import Chain
    from gradviz.recording.folding import Folding
    from gradviz.recording.moves import Moves
    from gradviz.recording.sums import Sums


class RunSettings(msgspec.Struct, frozen=True):
    """How the document is run: default device, seed, and where named tensors are moved."""

    device: str = "cpu"
    seed: int | None = None
    placement: dict[str, str] = {}


class Session(QObject):
    """The state that all panels share.

    Attributes:
        verification: what came of checking its gradients, None where that was not asked for.
        recording: the run that is shown; an empty recording where there is none.
        replay: answers what was known at a playhead of that recording.
        playhead: how many steps have been executed, 0 to `replay.length`.
        selection: the selected item, None where nothing is.
        view_options: what the canvas draws.
        run_settings: how the next run is made.
        breakpoints: where running through the steps stops; their lines are those of the document's
            text as it stands, which may no longer be the recording's.
        conceals: whether a learner is being asked about the steps to come, so that nothing may tell
            what they will bring.
        limits_to_pass: whether only the pass at the playhead is drawn; None leaves it to the
            recording: it is where there are several passes, as in a training loop.

    Signals:
        recording_changed: another recording is shown; playhead and selection were reset before.
        playhead_moved: the playhead has a new value (int).
        selection_changed: another item is selected (`Item` or None).
        revealed: what this item was folded up in has been opened (`Item`).
        view_options_changed: the canvas should draw something else (`ViewOptions`).
        view_forgotten: another document is shown: what was opened, folded or moved by hand in the
            one before means nothing in it.
        scopes_folded: the person opened or folded scopes (the `Folds` before and after).
        run_settings_changed: the next run will be made in another way (`RunSettings`).
        breakpoints_changed: there are other breakpoints.
        gradients_verified: the gradients of the shown run have been checked.
        concealment_changed: what the steps to come bring may be told again, or no longer (bool).
    """

    recording_changed = Signal()
    playhead_moved = Signal(int)
    selection_changed = Signal(object)
    revealed = Signal(object)
    view_options_changed = Signal(object)
    view_forgotten = Signal()
    scopes_folded = Signal(object, object)
    run_settings_changed = Signal(object)
    breakpoints_changed = Signal()
    gradients_verified = Signal()
    concealment_changed = Signal(bool)

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.recording = Recording()
        self.replay = Replay(self.recording)
        self.playhead = 0
        self.selection: Item | None = None
        self.view_options = ViewOptions(folds=Folds(FoldStart.FITTING))
        self._folding: tuple[Recording, ViewOptions, Folding] | None = None
        self.run_settings = RunSettings()
        self.limits_to_pass: bool | None = None
        self.conceals = False
        self.breakpoints: tuple[Breakpoint, ...] = ()
        self.verification: Verification | None = None
        self._moves: Moves | None = None
        self._chain: Chain | None = None
        self._sums: Sums | None = None
        self._disposal = Disposal(parent=self)

    @property
    def moves(self) -> Moves:
        """Where a debugger's moves lead in the recording."""
        if self._moves is None:
            # Late, since the window is shown before anything heavy is imported.
            from gradviz.recording.moves import Moves

            self._moves = Moves(self.replay)
        return self._moves

    @property
    def sums(self) -> Sums:
        """The gradients that arrive one by one."""
        if self._sums is None:
            from gradviz.recording.sums import Sums

            self._sums = Sums(self.replay)
        return self._sums

    @property
    def chain(self) -> Chain:
        """Answers chain-rule questions about the recording."""
        if self._chain is None:
            from gradviz.recording.chain import Chain

            self._chain = Chain(self.replay)
        return self._chain

    def show_recording(
        self,
        recording: Recording,
        *,
        chain: Chain | None = None,
        moves: Moves | None = None,
        sums: Sums | None = None,
    ) -> None:
        """Show another recording, its playhead before the first step and nothing selected.

        `chain`, `moves` and `sums` are its indices where they have been made already.
        """
        if len(self.recording.tensors) >= LARGE and recording is not self.recording:
            self._disposal.take(self.recording, self.replay, self._chain, self._moves, self._sums)
        self.recording = recording
        self.replay = Replay(recording) if chain is None else chain.replay
        self._chain, self._moves, self._sums = chain, moves, sums
        self.playhead = 0
        self.selection = None
        self.verification = None
        passes = recording.passes
        is_limited = len(passes) > 1 if self.limits_to_pass is None else self.limits_to_pass
        self.view_options = msgspec.structs.replace(
            self.view_options, pass_id=passes[0].id if passes and is_limited else None
        )
        self.recording_changed.emit()

    def set_verification(self, verification: Verification | None) -> None:
        """Tell what came of checking the gradients of the run that is shown."""
        self.verification = verification
        if verification is not None:
            self.gradients_verified.emit()

    @property
    def pass_at_playhead(self) -> PassId | None:
        """The pass that the playhead is in, None for a recording without passes."""
        moment = self.replay.moment_at(self.playhead)
        return None if moment is None else moment.pass_.id

    def conceal(self, conceals: bool) -> None:
        """Hide what the steps to come will bring, or show it again."""
        if conceals != self.conceals:
            self.conceals = conceals
            self.concealment_changed.emit(conceals)

    def move_playhead(self, playhead: int) -> None:
        """Move the playhead, kept within the recording's steps."""
        playhead = max(0, min(playhead, self.replay.length))
        if playhead == self.playhead:
            return
        self.playhead = playhead
        self.playhead_moved.emit(playhead)

    def select(self, item: Item | None) -> None:
        """Select an item, or nothing."""
        if item == self.selection:
            return
        self.selection = item
        self.selection_changed.emit(item)

    def set_view_options(self, options: ViewOptions) -> None:
        """Draw something else; a selected leaf becomes the version that the drawn pass used."""
        if options == self.view_options:
            return
        self.view_options = options
        self.view_options_changed.emit(options)
        self.select(self.in_drawn_pass(self.selection))

    def in_drawn_pass(self, item: Item | None) -> Item | None:
        """The version of a leaf that the drawn pass used; anything else is itself."""
        drawn = self.view_options.pass_id
        if item is None or item.kind is not ItemKind.TENSOR or drawn is None:
            return item
        return tensor_item(version_in_pass(self.recording, TensorId(item.id), drawn))

    def change_view(self, **changes: object) -> None:
        """Draw something else: the same options but for some."""
        self.set_view_options(msgspec.structs.replace(self.view_options, **changes))

    def show_hidden(self) -> None:
        """Turn all filters off."""
        self.change_view(hide_constants=False, hide_outside=False, hide_nodes=False)

    def limit_to_pass(self, only: bool) -> None:
        """Draw only the pass at the playhead, or the whole run; so also in the next run."""
        self.limits_to_pass = only
        self.change_view(pass_id=self.pass_at_playhead if only else None)

    # Scopes.

    def folding(self) -> Folding:
        """Which scopes are open and what stands for what, as the view options say."""
        known = self._folding
        if known is None or known[0] is not self.recording or known[1] != self.view_options:
            from gradviz.recording.view import fold_view

            self.know_folding(fold_view(self.recording, self.view_options))
            return self.folding()
        return known[2]

    def know_folding(self, folding: Folding) -> None:
        """Take what somebody else has found: how the recording folds with these view options."""
        self._folding = self.recording, self.view_options, folding

    def start_folds(self, start: FoldStart) -> None:
        """Open all scopes, as many as fit, or none; what was opened one by one is forgotten."""
        self._change_folds(Folds(start))

    def toggle_scope(self, item: Item) -> None:
        """Fold an open scope, open a folded one."""
        self._fold([item], is_open=ScopeId(item.id) not in self.folding().open)

    def fold_around(self, item: Item) -> Item | None:
        """Fold the innermost scope around an item, which then stands for it; None outside."""
        folding = self.folding()
        shown = folding.shown_as(item)
        scope = folding.scope_of(item if shown is None else shown)
        if scope is None:
            return None
        around = scope_item(scope.id)
        self._fold([around], is_open=False)
        return around

    def reveal(self, item: Item) -> None:
        """Open all that an item is folded up in, and select it."""
        folding = self.folding()
        scope = folding.scope_of(item)
        if scope is not None:
            around = folding.tree.around(scope.id)
            self._fold([scope_item(one.id) for one in around], is_open=True)
        self.select(item)
        self.revealed.emit(item)

    def _fold(self, items: list[Item], *, is_open: bool) -> None:
        from gradviz.recording.scopes import loose_key, scopes_of

        scopes = scopes_of(self.recording).scopes
        keys = [scopes[item.id].key for item in items]
        if self.view_options.pass_id is not None:
            # In the next pass the same scope is that of another round.
            keys = [loose_key(key) for key in keys]
        folds = self.view_options.folds
        self._change_folds(folds.opening(*keys) if is_open else folds.folding(*keys))

    def _change_folds(self, folds: Folds) -> None:
        before = self.view_options.folds
        if folds == before:
            return
        self.change_view(folds=folds)
        self.scopes_folded.emit(before, folds)

    def forget_view(self) -> None:
        """Forget what was opened, folded or moved by hand, for another document."""
        self.change_view(folds=Folds(FoldStart.FITTING))
        self.view_forgotten.emit()

    # How the next run is made.

    def set_run_settings(self, settings: RunSettings) -> None:
        """Change how the next run is made."""
        if settings == self.run_settings:
            return
        self.run_settings = settings
        self.run_settings_changed.emit(settings)

    def fix_seed(self, fixes: bool) -> None:
        """Have the next runs draw the same random numbers, or others each time."""
        if fixes != (self.run_settings.seed is not None):
            seed = 0 if fixes else None
            self.set_run_settings(msgspec.structs.replace(self.run_settings, seed=seed))

    def set_breakpoints(self, breakpoints: tuple[Breakpoint, ...]) -> None:
        """Replace the breakpoints; of equal ones, one is kept."""
        breakpoints = tuple(dict.fromkeys(breakpoints))
        if breakpoints == self.breakpoints:
            return
        self.breakpoints = breakpoints
        self.breakpoints_changed.emit()
