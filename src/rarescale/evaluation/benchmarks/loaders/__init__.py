"""One loader per published format; a benchmark's TOML names its own."""

from __future__ import annotations

from collections.abc import Mapping

from rarescale.evaluation.benchmarks.contract import Loader
from rarescale.evaluation.benchmarks.loaders.casereportbench import load_casereportbench
from rarescale.evaluation.benchmarks.loaders.cupcase import load_cupcase
from rarescale.evaluation.benchmarks.loaders.ddxplus import load_ddxplus
from rarescale.evaluation.benchmarks.loaders.icraft import load_icraft
from rarescale.evaluation.benchmarks.loaders.medqa import load_medqa
from rarescale.evaluation.benchmarks.loaders.mygene2 import load_mygene2
from rarescale.evaluation.benchmarks.loaders.phenobrain import load_phenobrain
from rarescale.evaluation.benchmarks.loaders.phenopacket_store import load_phenopacket_store
from rarescale.evaluation.benchmarks.loaders.rarebench import load_rarebench
from rarescale.evaluation.benchmarks.loaders.redis import load_redis

LOADERS: Mapping[str, Loader] = {
    "casereportbench": load_casereportbench,
    "cupcase": load_cupcase,
    "ddxplus": load_ddxplus,
    "icraft": load_icraft,
    "medqa": load_medqa,
    "mygene2": load_mygene2,
    "phenobrain": load_phenobrain,
    "phenopacket-store": load_phenopacket_store,
    "rarebench": load_rarebench,
    "redis": load_redis,
}

__all__ = ["LOADERS"]
