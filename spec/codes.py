"""The table of all diagnostic codes. Numbers are never reused.

0xx usage and files, 1xx YAML text, 2xx document structure, 3xx names and graph, 4xx types,
templates and expressions, 5xx cost and hygiene, 6xx documents and data, 7xx endpoints and runs,
8xx training data that a run left.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for; `severity` is error, warning or info."""

    severity: str
    title: str


_E, _W, _I = "error", "warning", "info"

CODES: dict[str, Code] = {
    # 0xx usage and files
    "ATK001": Code(_E, "file not found or not readable"),
    "ATK002": Code(_E, "path outside the project"),
    "ATK003": Code(_E, "unknown parameter"),
    "ATK004": Code(_E, "parameter value does not fit its type"),
    "ATK005": Code(_E, "parameter without a value"),
    "ATK006": Code(_E, "output directory is not ours"),
    "ATK007": Code(_E, "output directory is in use"),
    "ATK008": Code(_E, "plan does not fit this version"),
    "ATK090": Code(_E, "killed runs end in other files"),
    "ATK091": Code(_E, "killed runs pay more than was in flight"),
    "ATK092": Code(_E, "killed run does not complete"),
    "ATK093": Code(_E, "run fails before it is killed"),
    "ATK020": Code(_E, "unknown profile"),
    "ATK021": Code(_E, "profile without a parameter of the spec"),
    "ATK030": Code(_E, "file of no run's outputs"),
    "ATK031": Code(_E, "no such line"),
    "ATK032": Code(_E, "outputs without provenance"),
    "ATK033": Code(_E, "document that fed nothing, or more than one of that name"),
    "ATK034": Code(_E, "output changed since its run"),
    "ATK040": Code(_E, "config that cannot be imported"),
    "ATK041": Code(_E, "lists of different lengths in an imported config"),
    "ATK042": Code(_W, "placeholder in an imported config"),
    "ATK050": Code(_E, "damaged cache"),
    "ATK051": Code(_E, "corrupt entries of a cache"),
    "ATK052": Code(_E, "exported cache that cannot be read"),
    "ATK053": Code(_E, "no such step or record to explain"),
    "ATK060": Code(_E, "step whose books do not balance"),
    "ATK061": Code(_E, "records lost between two steps"),
    "ATK062": Code(_E, "file with other records than its export wrote"),
    "ATK063": Code(_E, "failed records that are not in their file"),
    "ATK064": Code(_E, "file that is not as its run left it"),
    "ATK065": Code(_E, "manifest that does not tell enough"),
    "ATK066": Code(_E, "outputs of no run"),
    "ATK070": Code(_E, "folder without a run to report on"),
    "ATK071": Code(_E, "file in the way of a report"),
    # 1xx YAML text
    "ATK100": Code(_E, "YAML syntax"),
    "ATK101": Code(_E, "nesting too deep or document too large"),
    "ATK110": Code(_E, "unquoted template or expression"),
    "ATK111": Code(_W, "value that YAML 1.1 reads differently"),
    "ATK112": Code(_E, "duplicate key"),
    "ATK113": Code(_W, "unused anchor"),
    "ATK114": Code(_E, "recursive or exploding alias"),
    "ATK115": Code(_E, "merge key or tag"),
    "ATK116": Code(_E, "value cut by a YAML comment or comma"),
    # 2xx document structure
    "ATK200": Code(_E, "language version"),
    "ATK201": Code(_E, "unknown key"),
    "ATK202": Code(_E, "wrong type of value"),
    "ATK203": Code(_E, "missing key"),
    "ATK204": Code(_E, "unknown step type"),
    "ATK205": Code(_E, "value not allowed"),
    "ATK206": Code(_E, "keys that exclude each other"),
    "ATK207": Code(_E, "bad name"),
    "ATK208": Code(_E, "bad type notation"),
    # 3xx names and graph
    "ATK300": Code(_E, "unknown step"),
    "ATK301": Code(_E, "unknown port"),
    "ATK302": Code(_E, "unknown model"),
    "ATK303": Code(_E, "unknown endpoint"),
    "ATK304": Code(_E, "unknown reader, function, format or operator"),
    "ATK305": Code(_E, "unknown record type"),
    "ATK306": Code(_E, "unknown input, output or model slot of a module"),
    "ATK310": Code(_E, "cycle between steps"),
    "ATK311": Code(_E, "cycle of `use`"),
    "ATK312": Code(_E, "two instances with one label"),
    "ATK313": Code(_E, "two exports to one path"),
    "ATK314": Code(_E, "module has no main output"),
    "ATK315": Code(_E, "lineage is broken"),
    "ATK316": Code(_E, "resample across more than a direct edge"),
    "ATK320": Code(_W, "step whose output nobody reads"),
    # 4xx types, templates and expressions
    "ATK400": Code(_E, "expression syntax"),
    "ATK401": Code(_E, "unknown name in an expression"),
    "ATK402": Code(_E, "wrong type in an expression"),
    "ATK403": Code(_E, "unknown function"),
    "ATK404": Code(_E, "wrong arguments"),
    "ATK405": Code(_E, "null where a value is needed"),
    "ATK410": Code(_E, "template syntax"),
    "ATK411": Code(_E, "template construct not allowed"),
    "ATK412": Code(_E, "unknown field"),
    "ATK413": Code(_E, "value that cannot be printed"),
    "ATK414": Code(_E, "unknown filter or test"),
    "ATK415": Code(_W, "placeholder that no template fills in"),
    "ATK420": Code(_E, "type does not fit"),
    "ATK421": Code(_W, "type may not fit"),
    "ATK430": Code(_E, "field exists already"),
    "ATK431": Code(_E, "unknown option"),
    "ATK432": Code(_E, "missing option"),
    "ATK440": Code(_E, "reply contract"),
    "ATK480": Code(_W, "`accept` that saves no calls, because others read the same"),
    "ATK481": Code(_W, "`accept` that saves no calls, because a step needs all records"),
    "ATK482": Code(_E, "strata that do not fit"),
    # 5xx cost and hygiene
    "ATK500": Code(_W, "parameter that nothing reads"),
    "ATK501": Code(_W, "field that nothing reads"),
    # 6xx documents and data
    "ATK604": Code(_E, "no documents"),
    "ATK606": Code(_E, "too few records"),
    # 7xx endpoints and runs
    "ATK700": Code(_E, "endpoint unreachable"),
    "ATK701": Code(_E, "key missing or refused"),
    "ATK702": Code(_E, "model unknown to the endpoint"),
    "ATK703": Code(_E, "request refused"),
    "ATK704": Code(_E, "stopped by a budget or gate"),
    "ATK705": Code(_E, "consent to spend needed"),
    "ATK706": Code(_E, "cache cannot be written"),
    "ATK720": Code(_E, "cap on money without a price"),
    "ATK721": Code(_E, "cap without a bound on replies"),
    "ATK722": Code(_W, "last run did not complete"),
    "ATK730": Code(_E, "provider without batches"),
    "ATK731": Code(_E, "endpoint without a batch API"),
    "ATK732": Code(_E, "batch refused"),
    "ATK740": Code(_E, "too many failed records"),
    "ATK750": Code(_E, "fewer records accepted than asked for"),
    # 8xx training data that a run left
    "ATK800": Code(_E, "no manifest of a run"),
    "ATK801": Code(_E, "file that is not as the run left it"),
    "ATK802": Code(_W, "file that the manifest does not name"),
    "ATK803": Code(_W, "file without records"),
    "ATK804": Code(_E, "record that cannot be read"),
    "ATK810": Code(_E, "roles out of order"),
    "ATK811": Code(_E, "empty turn"),
    "ATK812": Code(_E, "mask off the borders of turns"),
    "ATK813": Code(_E, "mask that covers all or nothing"),
    "ATK814": Code(_W, "text that seems cut off"),
    "ATK815": Code(_E, "mark of the beginning twice"),
    "ATK816": Code(_E, "template syntax or placeholder left in a conversation"),
    "ATK817": Code(_W, "conversation longer than a training sequence"),
    "ATK818": Code(_W, "what looks like template syntax in a text"),
    "ATK820": Code(_W, "record twice"),
    "ATK821": Code(_E, "held-out record in training data"),
    "ATK822": Code(_W, "question or answer twice"),
    "ATK830": Code(_E, "config names a file that is not there or empty"),
    "ATK831": Code(_E, "config and records do not fit"),
    "ATK832": Code(_W, "less drawn than declared"),
    # 9xx a bug of ours
    "ATK900": Code(_E, "internal error"),
}
