from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import gradviz
from gradviz.gui.languages import LanguageChoice, Languages
from gradviz.gui.sentence_catalogue import TEMPLATES
from gradviz.gui.sentences import _with_parameters, in_language, say

PACKAGE = Path(gradviz.__file__).parent
BELOW = [
    PACKAGE / "gui" / "capacity.py",
    PACKAGE / "gui" / "engine.py",
    PACKAGE / "gui" / "engine_worker.py",
    PACKAGE / "gui" / "canvas" / "picture.py",
    PACKAGE / "worker" / "main.py",
    PACKAGE / "worker" / "fetching.py",
    PACKAGE / "worker" / "framing.py",
    PACKAGE / "worker" / "parts.py",
    PACKAGE / "recording" / "values.py",
    *(PACKAGE / "language").glob("*.py"),
    *(PACKAGE / "tracer").glob("*.py"),
    PACKAGE / "recording" / "answers.py",
    PACKAGE / "recording" / "arithmetic.py",
    PACKAGE / "recording" / "edits.py",
    *(PACKAGE / "devices").glob("*.py"),
    *(PACKAGE / "documents").glob("*.py"),
]
SENTENCE = re.compile(r"([A-Z*(“]|its? |a |the |line )[^\n]* [^\n]*[.?!]|[A-Z*][^\n]*: \*")
"""Whole sentences; in what was read from a source, a parameter is `*`."""


@pytest.fixture
def spanish(qapp) -> Iterator[None]:
    languages = Languages()
    languages.use(LanguageChoice.SPANISH)
    yield
    languages.use(LanguageChoice.ENGLISH)
    languages.remove()


def sentences_of(source: str) -> set[str]:
    """Every sentence that a module may say, `*` in place of its parameters."""
    tree = ast.parse(source)
    described = {
        id(statement.value)
        for node in ast.walk(tree)
        for statement in ast.iter_child_nodes(node)
        if isinstance(statement, ast.Expr)
    }
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in described or id(node) in parts:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = re.sub(r"\{\w*\}", "*", node.value)
        elif isinstance(node, ast.JoinedStr):
            text = "".join(
                part.value if isinstance(part, ast.Constant) else "*" for part in node.values
            )
        else:
            continue
        if SENTENCE.fullmatch(text) and not text.startswith("(?"):
            found.add(text)
    return found


def is_known(sentence: str) -> bool:
    sample = sentence.replace("*", "x1")
    literal = {sentence, sample} & set(TEMPLATES)
    return bool(literal) or any(t.pattern.fullmatch(sample) for t in _with_parameters())


MADE_OF_ALTERNATIVES = {
    "Only * * within the time limit.",
    "* failed on *: *.",
    "* cannot be *: *.",
}
"""Whole sentences of these are tested below."""

NO_SENTENCES = {
    "*: *",  # An exception as Python writes it.
}


@pytest.mark.parametrize("path", BELOW, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_sentence_from_below_the_window_is_in_the_catalogue(path: Path) -> None:
    said = sentences_of(path.read_text(encoding="utf-8"))
    assert sorted(s for s in said - MADE_OF_ALTERNATIVES - NO_SENTENCES if not is_known(s)) == []


def test_a_sentence_that_is_not_in_the_catalogue_would_be_found() -> None:
    module = '"""Not this one."""\ndef f(x):\n    raise E(f"There is no {x} that is new.")\n'
    (found,) = sentences_of(module)
    assert found == "There is no * that is new."
    assert not is_known(found)


def test_sentences_stay_as_they_are_without_a_translation(qapp) -> None:
    for sentence in ("", "Stopped", "No such thing.", "a.py cannot be read: Permission denied."):
        assert in_language(sentence) == sentence


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("The run was stopped.", "Se detuvo la ejecución."),
        ("Did you mean backward?", "¿Quería decir backward?"),
        (
            "It asked for 1.17 GiB on the CPU, where 497 MiB is free. Of the 462 MiB that tensors "
            "hold, most is in MmBackward0._saved_self (line 5, 4 × 76.3 MiB), h (line 5, "
            "76.3 MiB), unnamed (line 3, 76.3 MiB). Another 9.00 MiB are values that the recording "
            "keeps. Use a smaller batch, or with torch.no_grad(): where no gradient is needed, and "
            "delete what is no longer needed (del h).",
            "Pedía 1.17 GiB en la CPU, donde quedan libres 497 MiB. De los 462 MiB que ocupan los "
            "tensores, la mayor parte está en MmBackward0._saved_self (línea 5, 4 × 76.3 MiB), h "
            "(línea 5, 76.3 MiB), sin nombre (línea 3, 76.3 MiB). Otros 9.00 MiB son valores que "
            "guarda la grabación. Use un lote más pequeño, o with torch.no_grad(): donde no haga "
            "falta el gradiente, y borre lo que ya no haga falta (del h).",
        ),
        (
            "x (line 2) is on cpu, y (line 3) on meta. Move one of them: y = y.to(x.device).",
            "x (línea 2) está en cpu, y (línea 3) en meta. Mueva uno de ellos: y = y.to(x.device).",
        ),
        ("Line 3 failed on cpu: RuntimeError.", "La línea 3 falló en cpu: RuntimeError."),
        ("The text failed on cpu: E: no.", "El texto falló en cpu: E: no."),
        ("Only 1 sample within the time limit.", "Solo 1 muestra dentro del tiempo límite."),
        (
            "a.gradviz cannot be written: No space left on device.",
            "No se puede escribir a.gradviz: no queda espacio en el disco.",
        ),
        (
            "a.gradviz cannot be opened: its column “shapes” has the wrong type.",
            "No se puede abrir a.gradviz: su columna «shapes» es de otro tipo.",
        ),
        (
            "/tmp/a b.py cannot be opened: No such file or directory.",
            "No se puede abrir /tmp/a b.py: no existe el archivo o la carpeta.",
        ),
        (
            "/tmp/a.py cannot be opened: line 3 is not UTF-8 text: save it as UTF-8 in the "
            "program that wrote it.",
            "No se puede abrir /tmp/a.py: la línea 3 no es texto UTF-8: guárdelo como UTF-8 en el "
            "programa que lo escribió.",
        ),
        (
            "The engine ended while line 4 ran: it crashed with SIGSEGV.",
            "El motor terminó mientras se ejecutaba la línea 4: falló con SIGSEGV.",
        ),
        (
            "Not timed on cuda:0: There is no statement on line 9.",
            "Sin medir en cuda:0: No hay ninguna instrucción en la línea 9.",
        ),
        (
            "Only 2 samples within the time limit. It makes tensors, so the figure includes "
            "PyTorch's default-device mode, some µs for each call.",
            "Solo 2 muestras dentro del tiempo límite. Crea tensores, así que la cifra incluye el "
            "modo de dispositivo por omisión de PyTorch, unos µs por llamada.",
        ),
    ],
)
def test_sentences_with_their_parameters_are_said_in_spanish(
    spanish: None, sentence: str, said: str
) -> None:
    assert in_language(sentence) == said


def test_what_is_no_sentence_of_gradviz_is_left_alone(spanish: None) -> None:
    message = "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)"
    assert in_language(message) == message
    assert in_language("{x} {0} {") == "{x} {0} {"


def test_braces_in_a_parameter_are_no_place_for_another(spanish: None) -> None:
    assert in_language("{a}.py cannot be opened: it is a folder.") == (
        "No se puede abrir {a}.py: es una carpeta."
    )


def test_a_template_is_said_with_its_parameters(spanish: None) -> None:
    template = "{tensor}: .grad is None because no backward ran."
    assert say(template, {"tensor": "w"}, "Findings") == (
        "w: .grad es None porque no se ejecutó ningún backward."
    )
