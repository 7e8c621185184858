from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from types import ModuleType

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QToolButton

from gradviz.gui.canvas.counts import Counts
from gradviz.gui.devices.panel import DevicePanel
from gradviz.gui.graph_action_table import FILTERS, FOLDING, LAYOUT, SHOW
from gradviz.gui.inspector import Inspector
from gradviz.gui.languages import LANGUAGES, LanguageChoice, Languages, code_for, shown_language
from gradviz.gui.library import first_example, is_shipped, list_examples
from gradviz.gui.qactions import find_menu, key_name
from gradviz.gui.settings import Settings
from gradviz.recording.model import RunError
from gradviz.resources_path import EXAMPLES, TRANSLATIONS
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "update_translations.py"


@pytest.fixture
def script() -> ModuleType:
    if not SCRIPT.exists():
        pytest.skip("the script is in the checkout only")
    spec = importlib.util.spec_from_file_location("update_translations", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if module.find_tool("lupdate") is None:
        pytest.skip("Qt's tools are not installed")
    return module


@pytest.fixture
def languages(qapp) -> Iterator[Languages]:
    before = QLocale()
    made = Languages()
    yield made
    made.remove()
    QLocale.setDefault(before)


def messages(language: str) -> Iterator[tuple[str, list[str], bool]]:
    """Source, translations and whether it is finished, of every text of a language."""
    tree = ElementTree.parse(TRANSLATIONS / f"gradviz_{language}.ts")
    for message in tree.iter("message"):
        translation = message.find("translation")
        assert translation is not None
        forms = [form.text or "" for form in translation.iter("numerusform")]
        finished = translation.get("type") is None
        yield message.findtext("source") or "", forms or [translation.text or ""], finished


def places(text: str) -> Counter[str]:
    fields = Counter(f"{{{name}}}" for _, name, _, _ in Formatter().parse(text) if name is not None)
    return fields + Counter({"%n": text.count("%n")})


# The files.


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_with_the_same_places_for_parameters(language: str) -> None:
    texts = list(messages(language))
    assert texts
    for source, translations, finished in texts:
        assert finished, source
        for translation in translations:
            assert translation.strip(), source
            assert places(translation) == places(source), source
            assert translation[-1] == source[-1] or source[-1] not in ".…:?", source


def test_a_missing_place_would_be_noticed() -> None:
    assert places("{a} of {}") != places("{a} de")
    assert places("%n items") != places("items")


def test_no_menu_has_two_entries_with_one_access_key(make_window, languages: Languages) -> None:
    window = make_window()
    for choice in (LanguageChoice.ENGLISH, LanguageChoice.SPANISH):
        languages.use(choice)
        window._retranslate()
        for menu in (
            window.menuBar(),
            *(window._menu(n) for n in ("file", "edit", "run", "step", "view")),
            *(find_menu(window.menuBar(), title) for title in (SHOW, FILTERS, FOLDING, LAYOUT)),
        ):
            texts = [action.text() for action in menu.actions() if "&" in action.text()]
            keys = Counter(text[text.index("&") + 1].lower() for text in texts)
            assert [key for key, count in keys.items() if count > 1] == [], texts


def test_the_files_hold_every_text_of_the_window(script: ModuleType, tmp_path: Path) -> None:
    for path in TRANSLATIONS.glob("*.ts"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    script.update(tmp_path)
    assert script.unfinished(tmp_path) == []


def test_the_compiled_files_are_up_to_date(script: ModuleType, tmp_path: Path) -> None:
    for language in LANGUAGES:
        source = TRANSLATIONS / f"gradviz_{language}.ts"
        script.compile_file(source, tmp_path / "compiled.qm")
        assert source.with_suffix(".qm").read_bytes() == (tmp_path / "compiled.qm").read_bytes()


# Choosing.


def test_the_chosen_language_is_remembered(qapp, own_settings: Path) -> None:
    assert Settings().language is LanguageChoice.SYSTEM
    settings = Settings()
    settings.language = LanguageChoice.SPANISH
    settings.sync()
    assert Settings().language is LanguageChoice.SPANISH
    file = own_settings / "gradviz" / "gradviz.ini"
    file.write_text("[window]\nlanguage=klingon\n", encoding="utf-8")
    assert Settings().language is LanguageChoice.SYSTEM


@pytest.mark.skipif(sys.platform != "linux", reason="the variables are those of Linux")
@pytest.mark.parametrize(
    ("variable", "code"),
    [("es_ES.UTF-8", "es"), ("es_MX.UTF-8", "es"), ("de_DE.UTF-8", "en"), ("C.UTF-8", "en")],
)
def test_the_system_decides_where_nobody_chose(variable: str, code: str) -> None:
    program = (
        "from gradviz.gui.languages import LanguageChoice, code_for;"
        "print(code_for(LanguageChoice.SYSTEM))"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG"))}
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={**kept, "LANG": variable, "PYTHONPATH": str(SCRIPT.parents[1])},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert told.stdout.strip() == code


def test_a_choice_is_its_own_language() -> None:
    assert code_for(LanguageChoice.ENGLISH) == "en"
    assert code_for(LanguageChoice.SPANISH) == "es"


def test_texts_follow_the_language_and_go_back(languages: Languages) -> None:
    assert shown_language() == "en"
    languages.use(LanguageChoice.SPANISH)
    assert shown_language() == "es"
    # Numbers as in the person's own country where its language is chosen.
    assert QLocale().language() == QLocale.Language.Spanish
    languages.use(LanguageChoice.ENGLISH)
    assert shown_language() == "en"


@pytest.mark.parametrize(
    ("choice", "one", "several"),
    [
        (LanguageChoice.ENGLISH, "1 autograd node", "2 autograd nodes"),
        (LanguageChoice.SPANISH, "1 nodo de autograd", "2 nodos de autograd"),
    ],
)
def test_counts_have_their_plural_forms(
    languages: Languages, choice: LanguageChoice, one: str, several: str
) -> None:
    languages.use(choice)
    assert Counts().autograd_nodes(1) == one
    assert Counts().autograd_nodes(2) == several


def test_counts_are_written_as_the_language_writes_numbers(languages: Languages) -> None:
    languages.use(LanguageChoice.ENGLISH)
    assert Counts().ops(10_000) == "10,000 ops"
    languages.use(LanguageChoice.SPANISH)
    assert Counts().ops(10_000) == "10.000 operaciones"


def test_keys_are_named_as_on_the_keyboard(languages: Languages) -> None:
    languages.use(LanguageChoice.ENGLISH)
    assert key_name("Ctrl+Shift+Z") == "Ctrl+Shift+Z"
    languages.use(LanguageChoice.SPANISH)
    assert key_name("Ctrl+Shift+Z") == "Ctrl+Mayús+Z"


def test_keys_have_their_spanish_names_in_all_sentences() -> None:
    translations = [text for _, texts, _ in messages("es") for text in texts]
    assert any("Ctrl+Intro" in text for text in translations)
    assert [text for text in translations if re.search(r"\+Enter|Shift\+|\+Del\b", text)] == []


# In the window.


def texts_of(window) -> set[str]:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    # How far a layout is depends on how fast the machine is.
    progress = window.centre.canvas.notice.label
    labels = {label.text() for label in window.findChildren(QLabel) if label is not progress}
    menus = {menu.title().replace("&", "") for menu in window.findChildren(QMenu)}
    actions = {action.text().replace("&", "") for action in window.actions_by_id.values()}
    tips = {action.toolTip() for action in window.actions_by_id.values()}
    docks = {window.docks["inspector"].windowTitle(), window.docks["devices"].windowTitle()}
    return labels | menus | actions | tips | docks


def is_settled(window) -> bool:
    """Whether the findings were looked for and the graph is laid out, each on a thread."""
    scene = window.centre.canvas.scene
    is_drawn = scene is not None and scene.recording is window.session.recording
    return is_drawn and "Looking…" not in texts_of(window)


def switch(qtbot, window, choice: LanguageChoice, title: str) -> None:
    """Choose a language in its menu; the widgets hear of it when the event loop runs."""
    (entry,) = (a for a in window.menus.languages.actions() if a.data() is choice)
    entry.trigger()
    qtbot.waitUntil(lambda: window._menu("file").title() == title)


@pytest.fixture
def full_window(make_window, engine, languages: Languages):
    window = make_window(start=True, languages=languages)
    engine.become_ready()
    return window


def test_the_whole_window_changes_its_language_and_back(
    qtbot, full_window, languages: Languages
) -> None:
    window = full_window
    window.session.show_recording(make_chain_rule_recording())
    window.session.move_playhead(1)
    qtbot.waitUntil(lambda: is_settled(window))
    english = texts_of(window)
    assert {"File", "Run", "Inspector", "Devices", "Language"} <= english
    switch(qtbot, window, LanguageChoice.SPANISH, "&Archivo")
    spanish = texts_of(window)
    assert {"Archivo", "Ejecutar", "Inspector", "Dispositivos", "Idioma", "Hilos"} <= spanish
    assert window.settings.language is LanguageChoice.SPANISH
    inspector = window.docks["inspector"].widget()
    assert isinstance(inspector, Inspector)
    assert inspector.step_page.kicker.text().startswith("Paso 1 de")
    assert " recibió " in inspector.step_page.sentence.text()
    assert window.centre.timeline.label.full_text().startswith("Paso 1 de")
    assert window.centre.canvas.accessibleName() == "Grafo computacional"
    devices = window.docks["devices"].widget()
    assert isinstance(devices, DevicePanel)
    assert [devices.tabs.tabText(i) for i in range(3)] == ["Dispositivos", "Tensores", "Tiempo"]
    header = devices.tensor_view.model.headerData(0, Qt.Orientation.Horizontal)
    assert header == "Nombre"
    assert window.status.state.text().startswith("Ejecutando")
    switch(qtbot, window, LanguageChoice.ENGLISH, "&File")
    qtbot.waitUntil(lambda: is_settled(window))
    assert texts_of(window) == english


@pytest.mark.parametrize("choice", [LanguageChoice.ENGLISH, LanguageChoice.SPANISH])
def test_the_bar_over_the_graph_fits_in_the_smallest_window(
    make_window, languages: Languages, choice: LanguageChoice
) -> None:
    languages.use(choice)
    window = make_window()
    window.session.show_recording(make_chain_rule_recording())
    window.resize(window.minimumSizeHint().width(), 640)
    bar = window.centre.view_bar
    buttons = bar.findChildren(QToolButton)
    assert bar.width() == window.centre.minimumWidth()
    assert all(button.width() >= button.sizeHint().width() for button in buttons)
    assert max(button.geometry().right() for button in buttons) < bar.width()


def test_no_english_is_left_in_the_spanish_window(qtbot, full_window, languages: Languages) -> None:
    switch(qtbot, full_window, LanguageChoice.SPANISH, "&Archivo")
    shown = {text for text in texts_of(full_window) if len(text) > 3}
    translated = {s.replace("&", "") for s, (t, *_), _ in messages("es") if s != t and "{" not in s}
    same = {t.replace("&", "") for _, (t, *_), _ in messages("es")}
    assert shown & (translated - same) == set()


def test_an_error_that_is_shown_changes_its_language(qtbot, full_window) -> None:
    window = full_window
    help_ = "A tensor holds numbers, not text."
    window.output.show_error(RunError("RuntimeError", "Can't call numpy()", line=3, help=help_))
    card = window.output.card
    switch(qtbot, window, LanguageChoice.SPANISH, "&Archivo")
    shown = {label.text() for label in card.findChildren(QLabel)}
    assert "Un tensor contiene números, no texto." in shown
    assert "Can't call numpy()" in shown
    switch(qtbot, window, LanguageChoice.ENGLISH, "&File")
    assert help_ in {label.text() for label in card.findChildren(QLabel)}


def test_what_the_status_bar_reports_changes_its_language(qtbot, full_window, engine) -> None:
    window = full_window
    window.run_control.run()
    window.run_control._on_died("The engine ended while line 4 ran: it crashed with SIGSEGV.")
    assert window.status.report.text().startswith("The engine ended")
    switch(qtbot, window, LanguageChoice.SPANISH, "&Archivo")
    assert window.status.report.text() == (
        "El motor terminó mientras se ejecutaba la línea 4: falló con SIGSEGV."
    )


# Examples.


def test_every_example_is_there_in_spanish(languages: Languages) -> None:
    english = list_examples()
    languages.use(LanguageChoice.SPANISH)
    spanish = list_examples()
    assert [e.path.name for e in spanish] == [e.path.name for e in english]
    for one, other in zip(english, spanish, strict=True):
        assert one.title != other.title
        assert one.summary != other.summary
        assert is_shipped(other.path)
    assert first_example() == EXAMPLES / "es" / "01_chain_rule.py"


def test_the_start_page_lists_the_examples_of_the_language(qtbot, full_window) -> None:
    switch(qtbot, full_window, LanguageChoice.SPANISH, "&Archivo")
    titles = [action.text() for action in full_window.menus.examples.actions()]
    assert titles[0] == "La regla de la cadena"
    labels = {label.text() for label in full_window.centre.start_page.findChildren(QLabel)}
    assert "La regla de la cadena" in labels


def test_an_example_that_nobody_has_touched_changes_its_language(
    qtbot, make_window, engine, languages: Languages
) -> None:
    window = make_window(start=True, languages=languages)
    engine.become_ready()
    engine.finish(make_chain_rule_recording())
    window.menus.language_chosen.emit(LanguageChoice.SPANISH)
    assert window.editor.toPlainText() == first_example().read_text(encoding="utf-8")
    assert "¿Cuánto" in window.editor.toPlainText()
    qtbot.waitUntil(lambda: len(engine.runs) == 2)
    engine.finish(make_chain_rule_recording())
    # Who steps through it, or has changed it, keeps it as it is.
    window.session.move_playhead(1)
    window.menus.language_chosen.emit(LanguageChoice.ENGLISH)
    assert "¿Cuánto" in window.editor.toPlainText()
    window.session.move_playhead(0)
    qtbot.keyClicks(window.editor, "#")
    window.menus.language_chosen.emit(LanguageChoice.ENGLISH)
    assert window.editor.toPlainText().startswith("#")
    assert len(engine.runs) == 2


def test_texts_that_qts_own_translation_lacks_are_translated(qtbot) -> None:
    languages = Languages()
    try:
        languages.use(LanguageChoice.SPANISH)
        assert QCoreApplication.translate("QFileDialog", "Look in:") == "Buscar en:"
        dialog = QFileDialog(options=QFileDialog.Option.DontUseNativeDialog)
        qtbot.addWidget(dialog)
        labels = {label.text().replace("&", "") for label in dialog.findChildren(QLabel)}
        assert {"Buscar en:", "Archivos de tipo:"} <= labels
        assert QCoreApplication.translate("QFileDialog", "Files of type:") == "Archivos de tipo:"
    finally:
        languages.use(LanguageChoice.ENGLISH)
