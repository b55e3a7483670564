"""Every code that is raised exists; every constraint that is mapped exists."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

from app.errors import CATALOGUE, CONSTRAINTS
from app.tables import metadata

ROOT = Path(__file__).parents[2]
RAISERS = {"Problem", "NotFound", "flawed", "Flaw", "FieldProblem"}


def load_everything() -> None:
    """Every module that defines codes."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        if "define(" in path.read_text(encoding="utf-8"):
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def raised() -> dict[str, str]:
    """Literal codes given to Problem and its like, and where."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = 1 if node.func.id == "FieldProblem" else 0
                if node.func.id in RAISERS and len(node.args) > place:
                    code = node.args[place]
                    if isinstance(code, ast.Constant) and isinstance(code.value, str):
                        found[code.value] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def test_every_code_raised_is_in_the_catalogue() -> None:
    load_everything()
    codes = raised()
    assert len(codes) > 20
    assert {code: at for code, at in codes.items() if code not in CATALOGUE} == {}


def test_every_code_reads_well_in_both_languages() -> None:
    load_everything()
    for code, entry in CATALOGUE.items():
        for language in ("en", "fr"):
            title, _detail, remedy = entry.words[language]
            assert title, (code, language)
            assert remedy, (code, language)
        assert entry.words["en"][0] != entry.words["fr"][0], code
        assert code == code.lower()
        assert 400 <= entry.status < 600


def test_every_mapped_constraint_exists() -> None:
    load_everything()
    names = {str(c.name) for table in metadata.tables.values() for c in table.constraints}
    names |= {str(i.name) for table in metadata.tables.values() for i in table.indexes}
    formed = {str(metadata.naming_convention), *names}
    missing = [name for name in CONSTRAINTS if name not in formed and not _by_convention(name)]
    assert missing == []


def _by_convention(name: str) -> bool:
    """Names that SQLAlchemy forms when it writes the statement."""
    committed = ROOT / "app/migrations/versions/0001_tables.py"
    return f"'{name}'" in committed.read_text(encoding="utf-8")
