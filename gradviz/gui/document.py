"""The expression file in the editor: new, open, save, and what is asked before text is lost."""

from __future__ import annotations

import contextlib
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal

from gradviz.documents.drafts import Draft
from gradviz.documents.expression_file import (
    ExpressionFile,
    read_expression_file,
    write_expression_file,
)
from gradviz.documents.files import RECORDING_SUFFIX
from gradviz.documents.metadata import Metadata, read_metadata, with_metadata
from gradviz.documents.notebook import read_notebook
from gradviz.documents.trust import TrustStore
from gradviz.errors import GradvizError
from gradviz.gui.capacity import refusal
from gradviz.gui.dialogs import Dialogs, Unsaved
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.library import is_shipped
from gradviz.gui.session import RunSettings, Session
from gradviz.gui.settings import Settings
from gradviz.recording.breakpoints import Breakpoint, line_breakpoint
from gradviz.recording.model import Recording

READABLE: Final = (".py", ".ipynb", RECORDING_SUFFIX)


class Origin(Enum):
    """Where a document's text came from; decides whether it may run without a question."""

    TYPED = "typed"
    EXAMPLE = "example"
    FILE = "file"


class Document(QObject):
    """The text in the editor as a file.

    Attributes:
        path: where it is saved, None where it never was; an example has none of its own.
        origin: where the text came from.
        recording: what was opened, where that is a recording: its text cannot be edited, only run,
            which makes an ordinary document of it.

    Signals:
        opened: another text is in the editor.
        changed: it is another document, or it has another name.
        changed_trust: the text may run now without a question, or not any more.
        reported: one sentence for the status bar (str).
        several_chosen: the first of these files is in the editor, the others want windows of
            their own (tuple of `Path`).
    """

    opened = Signal()
    changed = Signal()
    changed_trust = Signal()
    reported = Signal(str)
    several_chosen = Signal(object)

    def __init__(
        self,
        editor: CodeEditor,
        session: Session,
        settings: Settings,
        dialogs: Dialogs,
        *,
        trust: TrustStore,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._session = session
        self._settings = settings
        self._dialogs = dialogs
        self._trust = trust
        self._is_trusted = True
        self._file = ExpressionFile(text="")
        self._on_disk = ""
        self._suggested = "untitled.py"
        self._folder = Path.home()
        self.path: Path | None = None
        self.origin = Origin.TYPED
        self.recording: Recording | None = None
        self._marked_at: int | None = None
        session.breakpoints_changed.connect(self._on_settings_changed)
        session.run_settings_changed.connect(self._on_settings_changed)

    @property
    def name(self) -> str:
        """What the title of the window calls the document."""
        return self.path.name if self.path is not None else self._suggested

    @property
    def filename(self) -> str:
        """What tracebacks call the document."""
        return str(self.path) if self.path is not None else self._suggested

    @property
    def folder(self) -> str:
        """Where it runs, so that it finds what lies beside it; empty where it has no file."""
        return str(self.path.parent) if self.path is not None else ""

    @property
    def is_modified(self) -> bool:
        """Whether there are changes that were not saved."""
        return self._editor.document().isModified()

    def new(self) -> bool:
        """Start an empty document; returns whether that was done."""
        if not self.may_discard():
            return False
        self._adopt(ExpressionFile(text=""), None, Origin.TYPED, self.tr("untitled.py"))
        return True

    def open(self) -> bool:
        """Ask for files and open them; returns whether one was opened here."""
        return self.open_paths(self._dialogs.choose_open(self._folder))

    def open_paths(self, paths: tuple[Path, ...]) -> bool:
        """Open the first of several files here, and ask for windows for the others."""
        if not paths or not self.open_path(paths[0]):
            return False
        if len(paths) > 1:
            self.several_chosen.emit(paths)
        return True

    def open_path(self, path: Path) -> bool:
        """Open a file or a shipped example without running it; returns whether that was done."""
        if not self.may_discard():
            return False
        is_notebook = path.suffix.lower() == ".ipynb"
        recording = None
        try:
            if path.suffix.lower() == RECORDING_SUFFIX:
                # Late, since the window is shown before anything heavy is imported.
                from gradviz.documents.recording_file import read_recording

                recording = read_recording(path)
                if refusal(recording):
                    raise GradvizError(refusal(recording))
                file = ExpressionFile(text=recording.text)
            elif is_notebook:
                file = ExpressionFile(text=read_notebook(path))
            else:
                file = read_expression_file(path)
        except GradvizError as error:
            self._dialogs.tell_problem(str(error))
            return False
        if recording is not None:
            self._adopt(file, None, Origin.FILE, path.name, recording)
            self._folder = path.parent
        elif is_shipped(path):
            self._adopt(file, None, Origin.EXAMPLE, path.name)
        elif is_notebook:
            # Saving makes an expression file beside it; the notebook itself is never overwritten.
            self._adopt(file, None, Origin.FILE, path.with_suffix(".py").name)
            self._folder = path.parent
        else:
            self._adopt(file, path.absolute(), Origin.FILE, path.name)
        if self.origin is Origin.FILE:
            self._settings.add_recent(path)
        if file.problem:
            self._dialogs.tell_problem(file.problem)
        return True

    def restore(self, draft: Draft) -> None:
        """Take text that was never saved; it is still unsaved, and trusted as it was."""
        file, path = ExpressionFile(text=draft.text, metadata=_metadata_of(draft.text)), None
        saved = ExpressionFile(text="")
        if draft.path:
            path = Path(draft.path)
            with contextlib.suppress(GradvizError):  # it may be gone: saving makes it again
                saved = read_expression_file(path)
                file = msgspec.structs.replace(file, newline=saved.newline, has_bom=saved.has_bom)
        self._adopt(file, path, Origin.TYPED if path is None else Origin.FILE, draft.name)
        self._on_disk = saved.text
        self._is_trusted = draft.is_trusted
        self._editor.document().setModified(True)
        self.changed.emit()
        self.changed_trust.emit()

    def save(self) -> bool:
        """Save to the document's file, or ask where; returns whether it was saved."""
        if self.path is None:
            return self.save_as()
        if self.has_changed_outside() and not self._dialogs.ask_overwrite(self.name):
            return False
        return self._write(self.path)

    def has_changed_outside(self) -> bool:
        """Whether its file has another text than was read from it or saved to it last."""
        if self.path is None:
            return False
        try:
            return read_expression_file(self.path).text != self._on_disk
        except GradvizError:  # Nothing is lost where there is nothing to be read.
            return self.path.is_file()

    def reload(self) -> bool:
        """Take over what its file holds now, as one edit; returns whether that was done."""
        if self.path is None or not self.may_discard():
            return False
        try:
            file = read_expression_file(self.path)
        except GradvizError as error:
            self._dialogs.tell_problem(str(error))
            return False
        self._editor.amend_text(file.text)
        self._take(file)
        self._is_trusted = self._trust.is_trusted(file.text)
        self.changed.emit()
        self.changed_trust.emit()
        return True

    def save_as(self) -> bool:
        """Ask where to save, and save there; returns whether it was saved."""
        suggested = self._folder / self.name
        if self.recording is not None:
            suggested = suggested.with_suffix(".py")
        chosen = self._dialogs.choose_save(suggested)
        if chosen is None:
            return False
        return self._write(chosen if chosen.suffix else chosen.with_suffix(".py"))

    def save_recording(self) -> bool:
        """Ask where to save the shown run as a recording; returns whether it was saved."""
        suggested = (self._folder / self.name).with_suffix(RECORDING_SUFFIX)
        chosen = self._dialogs.choose_save_recording(suggested)
        if chosen is None:
            return False
        from gradviz.documents.recording_file import write_recording

        path = chosen if chosen.suffix else chosen.with_suffix(RECORDING_SUFFIX)
        try:
            write_recording(path, self._session.recording)
        except GradvizError as error:
            self._dialogs.tell_problem(str(error))
            return False
        self._settings.add_recent(path)
        self._report_saved(path)
        return True

    def choose_recording(self) -> Path | None:
        """Ask for a recording to compare with."""
        return self._dialogs.choose_recording(self._folder)

    def choose_export(self, *, for_steps: bool = False) -> Path | None:
        """Ask where to save a picture of the graph, or its pages of steps."""
        suffix = ".pdf" if for_steps else ".svg"
        suggested = (self._folder / self.name).with_suffix(suffix)
        return self._dialogs.choose_export(suggested, for_steps=for_steps)

    def choose_picture(self) -> Path | None:
        """Ask where to save a figure that the code drew."""
        return self._dialogs.choose_picture((self._folder / self.name).with_suffix(".png"))

    def tell_problem(self, sentence: str) -> None:
        """Say that something did not work."""
        self._dialogs.tell_problem(sentence)

    @property
    def is_trusted(self) -> bool:
        """Whether the text may run without a question."""
        return self._is_trusted

    @property
    def is_trusted_file(self) -> bool:
        """Whether it is a file that runs without a question, which `distrust` ends."""
        return self._is_trusted and self.origin is Origin.FILE and self.recording is None

    def distrust(self) -> None:
        """Ask before the file's text runs, now and whenever it is opened."""
        try:
            self._trust.revoke(self._on_disk)
        except GradvizError as error:
            self._dialogs.tell_problem(str(error))
            return
        self._is_trusted = False
        self.changed_trust.emit()

    def may_run(self) -> bool:
        """Whether the text may run: it was typed here, shipped, or the person trusts its file."""
        if not self._is_trusted:
            if not self._dialogs.ask_trust(self.name):
                return False
            self._is_trusted = True
            self._remember_trust(self._file.text)
            self.changed_trust.emit()
        self._become_editable()
        self._take_over_metadata()
        return True

    def may_discard(self) -> bool:
        """Whether the text may be replaced: it is saved, or the person agrees to lose it."""
        if not self.is_modified:
            return True
        match self._dialogs.ask_unsaved(self.name):
            case Unsaved.SAVE:
                return self.save()
            case Unsaved.DISCARD:
                return True
            case Unsaved.CANCEL:
                return False

    def _become_editable(self) -> None:
        """Turn a recording's text into an ordinary document."""
        if self.recording is None:
            return
        self.recording = None
        self._suggested = Path(self._suggested).with_suffix(".py").name
        self._editor.set_editable(True)
        self.changed.emit()
        self.changed_trust.emit()

    def _write(self, path: Path) -> bool:
        self._take_over_metadata()
        try:
            text = self._text_with_settings()
            write_expression_file(
                path, text, newline=self._file.newline, has_bom=self._file.has_bom
            )
        except GradvizError as error:
            self._dialogs.tell_problem(str(error))
            return False
        self._editor.amend_text(text)
        self._file = msgspec.structs.replace(self._file, text=text, metadata=_metadata_of(text))
        self._on_disk = text
        self._session.set_breakpoints(_breakpoints_of(self._file.metadata))
        self._marked_at = None
        if self._is_trusted:
            self._remember_trust(text)
        self._become_editable()
        self.path = path.absolute()
        self._folder = path.parent
        self._suggested = path.name
        if self.origin is Origin.EXAMPLE:
            self.origin = Origin.TYPED
        self._editor.document().setModified(False)
        self._settings.add_recent(path)
        self.changed.emit()
        self._report_saved(path)
        return True

    def _report_saved(self, path: Path) -> None:
        self.reported.emit(self.tr("Saved {name}").format(name=path.name))

    def _text_with_settings(self) -> str:
        text = self._editor.toPlainText()
        kept = _metadata_of(text)
        metadata = self._with_settings(kept)
        return text if metadata == kept else with_metadata(text, metadata)

    def _with_settings(self, metadata: Metadata) -> Metadata:
        """The metadata with the session's settings in it."""
        settings = self._session.run_settings
        device = None if settings.device == "cpu" and metadata.device is None else settings.device
        return msgspec.structs.replace(
            metadata,
            device=device,
            seed=settings.seed,
            placement=settings.placement,
            breakpoints=_plain_breakpoints(self._session.breakpoints),
        )

    def _take_over_metadata(self) -> None:
        """Use the metadata block as it now stands in the text for the next run."""
        metadata = _metadata_of(self._editor.toPlainText())
        before = self._file.metadata
        if metadata != before:
            self._file = msgspec.structs.replace(self._file, metadata=metadata)
            self._session.set_run_settings(_run_settings(metadata))
            if metadata.breakpoints != before.breakpoints:
                self._session.set_breakpoints(_breakpoints_of(metadata))

    def _on_settings_changed(self) -> None:
        """Mark the document as modified while its settings differ from the saved ones."""
        document = self._editor.document()
        if self.origin is Origin.EXAMPLE or self.recording is not None or document.isEmpty():
            return
        are_saved = self._with_settings(self._file.metadata) == self._file.metadata
        if not are_saved and not document.isModified():
            document.setModified(True)
            self._marked_at = document.revision()
        elif are_saved and self._marked_at == document.revision():
            document.setModified(False)

    def _remember_trust(self, text: str) -> None:
        try:
            self._trust.trust(text)
        except GradvizError as error:
            self._dialogs.tell_problem(str(error))

    def _adopt(
        self,
        file: ExpressionFile,
        path: Path | None,
        origin: Origin,
        suggested: str,
        recording: Recording | None = None,
    ) -> None:
        self.recording = recording
        self._is_trusted = origin is not Origin.FILE or self._trust.is_trusted(file.text)
        self.path = path
        if path is not None:
            self._folder = path.parent
        self.origin = origin
        self._suggested = suggested
        self._editor.set_editable(recording is None)
        self._editor.replace_text(file.text)
        self._take(file)
        self.opened.emit()
        self.changed.emit()

    def _take(self, file: ExpressionFile) -> None:
        """Take the settings of a file whose text is in the editor."""
        self._file = file
        self._on_disk = file.text
        self._session.set_run_settings(_run_settings(file.metadata))
        self._session.set_breakpoints(_breakpoints_of(file.metadata))
        self._editor.document().setModified(False)
        self._marked_at = None


def _metadata_of(text: str) -> Metadata:
    """The metadata of a text that is being edited: none while its block cannot be read."""
    try:
        return read_metadata(text)
    except GradvizError:
        return Metadata()


def _breakpoints_of(metadata: Metadata) -> tuple[Breakpoint, ...]:
    return tuple(
        line_breakpoint(point) if isinstance(point, int) else point
        for point in metadata.breakpoints
    )


def _plain_breakpoints(points: tuple[Breakpoint, ...]) -> tuple[int | Breakpoint, ...]:
    """Breakpoints as they are saved: a bare line is its number."""
    return tuple(
        point.line if point.line is not None and point == line_breakpoint(point.line) else point
        for point in points
    )


def _run_settings(metadata: Metadata) -> RunSettings:
    return RunSettings(
        device=metadata.device or "cpu", seed=metadata.seed, placement=metadata.placement
    )
