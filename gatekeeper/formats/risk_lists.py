"""Official lists of risk areas: read a file, ask for the level of a region."""

from gatekeeper.formats.risk_index import RiskIndex, Standing
from gatekeeper.formats.risk_list_file import RiskLevel, RiskListFile, RiskPlace, parse, update_time

__all__ = ["RiskIndex", "RiskLevel", "RiskListFile", "RiskPlace", "Standing", "parse", "update_time"]
