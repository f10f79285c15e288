"""Other data in the new-experiment form: what was typed for the first goes on where it still fits."""

import pytest

from experiments.models import Dataset, DatasetVersion
from tests.catalog.schemas import CITY, NUMBERS, table
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")


def table_version(version, *columns):
    """Another dataset of the site, a table of these columns."""
    schema = table(*columns).to_dict()
    slug = f"table-{len(columns)}"
    return DatasetVersion.objects.create(
        dataset=Dataset.objects.create(slug=slug, name=slug),
        number=1,
        state=DatasetVersion.State.READY,
        digest=version.digest,
        task=schema["task"],
        rows=schema["rows"],
        schema=schema,
    )


def test_rows_that_the_next_table_has_no_use_for_fall_away(client, address, version):
    """Only a table with categories says how they are encoded; nobody could take the row away."""
    mixed = table_version(version, NUMBERS[0], CITY)
    plain = table_version(version, NUMBERS[0])
    typed = {
        "space-0-name": "units", "space-0-max": "64",
        "space-1-name": "category_encoding",
        "space-2-name": "typed_by_hand",
    }  # fmt: skip
    about = {"model": "table-mlp", "space_model": "table-mlp", "space_data": mixed.pk}
    response = send(client, address, plain, action="refresh", **about, **typed)
    rows = {each.fields["name"]: each.fields for each in response.context["page"].rows}
    assert "category_encoding" not in rows
    assert rows["units"]["max"] == "64"
    assert "typed_by_hand" in rows
