"""The default reader is made from the knowledge's phenotype names."""

from __future__ import annotations

from rarescale.knowledge import Knowledge
from rarescale.reading import open_reader
from tests.reading.toy_names import note, states


def test_the_default_reader_reads_names_of_phenotypes_and_no_others(toy: Knowledge) -> None:
    reading = open_reader(toy).read(note("Adult onset of seizures, poor vision, no tremor. The liver is enlarged."))
    assert states(reading) == ({"Seizure", "Visual impairment", "Hepatomegaly"}, {"Tremor"})


def test_a_second_start_reads_the_same_from_the_cache(toy: Knowledge) -> None:
    source = note("Febrile seizures and a large spleen or splenomegaly.")
    assert open_reader(toy).read(source) == open_reader(toy).read(source)
