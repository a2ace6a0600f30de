"""The b2b pipeline files: importing all of them, and reading them without the product."""

import csv
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

DATA = settings.BASE_DIR / "tests" / "data" / "b2b_pipeline"
MAPPINGS = settings.BASE_DIR / "examples" / "b2b_pipeline"
STEPS = [
    ("departments", "sales_teams.csv", "1-offices.json"),
    ("departments", "sales_teams.csv", "2-teams.json"),
    ("users", "sales_teams.csv", "3-heads.json"),
    ("users", "sales_teams.csv", "4-agents.json"),
    ("departments", "sales_teams.csv", "5-team_heads.json"),
    ("products", "products.csv", "6-products.json"),
    ("companies", "accounts.csv", "7-companies.json"),
    ("companies", "accounts.csv", "8-parents.json"),
    ("deals", "sales_pipeline.csv", "9-deals.json"),
]


def run_import(record: str, file: Path, mapping: Path, **options) -> str:
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("import", record, str(file), mapping=mapping, stdout=out, **options)
    return out.getvalue()


def import_everything() -> list[str]:
    """All steps in order; the printed last lines."""
    return [run_import(record, DATA / file, MAPPINGS / mapping) for record, file, mapping in STEPS]


def opportunities() -> list[dict[str, str]]:
    """The rows of the pipeline file, by the csv module alone."""
    with (DATA / "sales_pipeline.csv").open(newline="", encoding="utf-8") as source:
        return list(csv.DictReader(source))
