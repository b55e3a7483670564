"""`civis impact recompute --as-if`: what other factors would change, and that nothing changes."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.impact.as_if import FactorSetError, as_if
from app.impact.catalogue import Catalogue
from app.reporting.figures import Figure, FigureKey, figure_json
from app.reporting.impact_command import command

DATA = Path(__file__).parents[2] / "app/impact/data"
KNOWN = Catalogue.load()
NAMES = ("bike-trip", "glass-recycling", "water-saved")


def figure(name: str, month: int, amount: int) -> Figure:
    kind = KNOWN.action_type(name)
    made = Figure(FigureKey(bytes(32), month, kind.number, 1, 3), actions=6, block=9)
    made.metrics |= {metric: amount * times for metric, times in kind.metrics.items()}
    return made


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    found = [figure(name, month, 1_001) for name in NAMES for month in (202_601, 202_602)]
    path = tmp_path / "figures.json"
    path.write_text(json.dumps({"figures": [figure_json(one, KNOWN) for one in found]}))
    return path


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """A new version of the car's factor for deeds from 2027 on, beside the old one."""
    file = json.loads((DATA / "factors.json").read_text())
    (car,) = [one for one in file["factors"] if one["id"] == "car-alone"]
    newer = copy.deepcopy(car) | {"version": "later", "valid_from": "2027-01-01"}
    car["valid_to"] = "2026-12-31"
    file["factors"].append(newer | {"micrograms_per_unit": 100_000})
    path = tmp_path / "factors.json"
    path.write_text(json.dumps(file))
    return path


def test_old_deeds_are_shown_by_new_factors_and_keep_their_own(exported: Path, later: Path) -> None:
    before = exported.read_bytes(), later.read_bytes()
    asked = ["recompute", "--as-if", str(later), "--figures", str(exported)]
    answer = CliRunner().invoke(command, [*asked, "--json"])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.output)
    kinds = {row["action_type"]: row for row in found["kinds"]}
    assert list(kinds) == [*NAMES]
    bike = kinds["bike-trip"]  # 2 002 m, 142 253 then 100 000, less 170 micrograms a metre
    assert (bike["today_g"], bike["as_if_g"], bike["difference_g"]) == (284, 200, -85)
    assert (kinds["glass-recycling"]["today_g"], kinds["glass-recycling"]["as_if_g"]) == (
        None,
        None,
    )
    assert kinds["water-saved"]["difference_g"] == 0
    assert [one["id"] for one in found["factors"]] == ["car-alone"]
    assert found["all"]["difference_g"] == -85
    table = CliRunner().invoke(command, asked).output
    assert "factor car-alone: impactco2@8076a489 142253 -> later 100000" in table
    assert f"1 of {len(KNOWN.factors)} factors differ" in table
    assert "-85" in table.splitlines()[-2]
    assert (exported.read_bytes(), later.read_bytes()) == before


def test_a_version_is_named_too(later: Path) -> None:
    other = as_if("impactco2@8076a489", KNOWN)
    assert other.factors["grid-electricity"] == KNOWN.factors["grid-electricity"]
    assert other.factors["car-alone"][0].version == "impactco2@8076a489"
    assert as_if(str(later), KNOWN).factors["car-alone"][0].version == "later"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "no file of factors"),
        ("[", "no file of factors"),
        ('{"sources": {}, "factors": []}', "lacks the factors"),
    ],
)
def test_what_is_no_factor_set_is_said(
    tmp_path: Path, exported: Path, text: str, said: str
) -> None:
    path = tmp_path / "set.json"
    path.write_text(text)
    with pytest.raises(FactorSetError, match=said):
        as_if(str(path), KNOWN)
    asked = ["recompute", "--as-if", "nobody's", "--figures", str(exported)]
    answer = CliRunner().invoke(command, asked)
    assert answer.exit_code == 1
    assert "neither a file nor a version" in answer.output
    answer = CliRunner().invoke(command, ["recompute", "--as-if", "later", "--figures", str(path)])
    assert answer.exit_code == 1
