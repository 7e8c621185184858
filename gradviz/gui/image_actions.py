"""What can be done with a figure among the outputs: open it large, copy it, save it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from gradviz.documents.files import replace_file
from gradviz.errors import GradvizError
from gradviz.gui.document import Document
from gradviz.gui.image_window import ImageWindow
from gradviz.gui.output_images import read_image
from gradviz.gui.output_pane import OutputPane
from gradviz.recording.model import Output


class ImageActions(QObject):
    """Does what the output pane asks for.

    Signals:
        reported: one sentence for the status bar (str).
    """

    reported = Signal(str)

    def __init__(
        self, output: OutputPane, document: Document, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._pane = output
        self._document = document
        output.text.image_opened.connect(self._on_opened)
        output.text.image_copied.connect(self._on_copied)
        output.text.image_saved.connect(self._on_saved)

    def _on_opened(self, output: Output) -> None:
        pixels = None if output.image is None else read_image(output.image)
        if pixels is not None:
            title = output.text.removeprefix("<").removesuffix(">")
            ImageWindow(pixels, title, parent=self._pane.window()).show()

    def _on_copied(self, output: Output) -> None:
        pixels = None if output.image is None else read_image(output.image)
        if pixels is not None:
            QGuiApplication.clipboard().setImage(pixels)
            self.reported.emit(self.tr("The picture is on the clipboard"))

    def _on_saved(self, output: Output) -> None:
        target = self._document.choose_picture()
        if target is None or output.image is None:
            return
        try:
            replace_file(target, output.image.png)
        except GradvizError as error:
            self._document.tell_problem(str(error))
        else:
            self.reported.emit(self.tr("Saved {name}").format(name=target.name))
