from __future__ import annotations

import pytest

from rarescale.differential import DiseaseNames
from rarescale.knowledge import Knowledge


@pytest.fixture(scope="session")
def names(toy: Knowledge) -> DiseaseNames:
    return DiseaseNames(toy)
