"""The operators: the words of the way of the data. Each calls one function of the engine."""

from plugins.operators.archive import ArchiveOperator
from plugins.operators.dbt import DbtBuildOperator, TriggerDbtOperator
from plugins.operators.discover import DiscoverOperator
from plugins.operators.load import LoadOperator
from plugins.operators.look_again import LookAgainOperator
from plugins.operators.publish import PublishOperator
from plugins.operators.scrape import ScrapeOperator
from plugins.operators.verdict import VerdictOperator

__all__ = [
    "ArchiveOperator",
    "DbtBuildOperator",
    "DiscoverOperator",
    "LoadOperator",
    "LookAgainOperator",
    "PublishOperator",
    "ScrapeOperator",
    "TriggerDbtOperator",
    "VerdictOperator",
]
