"""Tables as text for people: the published figures first, ours beneath, tests and notes after them."""

from __future__ import annotations

from collections.abc import Sequence

from rarescale.evaluation.llm_judge_agreement import Agreement
from rarescale.evaluation.metrics import shown
from rarescale.evaluation.tables_records import Cell, Report, Row, Table, Test

_TESTS = {"wilcoxon": "Wilcoxon", "mcnemar": "McNemar"}
_SHORT = {"top5": "Top-5", "top1": "Top-1", "mrr": "MRR"}


def report_text(report: Report) -> str:
    """All tables and the agreement of judges."""
    parts = [_table(t) for t in report.tables]
    if report.agreements:
        parts.append("\n".join([_agreement_head(), *(_agreed(s, a) for s, found in report.agreements for a in found)]))
    return "\n\n".join(parts)


def _table(table: Table) -> str:
    lines = [f"Table {table.number}. {table.title}"]
    for origin in ("published", "ours"):
        rows = [r for r in table.rows if r.origin == origin]
        if rows:
            lines += _block(origin, rows, table.measures)
    lines += _tests(table.tests)
    sources = dict.fromkeys(r.source for r in table.rows if r.origin == "published")
    lines += [f"  published: {source}" for source in sources]
    lines += [f"  note: {note}" for note in table.notes]
    return "\n".join(lines)


def _block(origin: str, rows: Sequence[Row], measures: Sequence[str]) -> list[str]:
    sets = list(dict.fromkeys(of for row in rows for of, _ in row.cells))
    heads = [f"{of} {_SHORT.get(m, m)}".strip() for of in sets for m in measures]
    cells = [[_cell(r.cells.get((of, m)), m) for of in sets for m in measures] for r in rows]
    counts = ["/".join(str(r.n.get(of, "-")) for of in sets) for r in rows]
    widths = [max(len(x) for x in column) for column in zip(heads, *cells, strict=True)]
    left, right = max(len(r.label) for r in rows), max(1, *(len(c) for c in counts))
    head = "  ".join(h.rjust(w) for h, w in zip(heads, widths, strict=True))
    lines = [f" {origin:<{left}}   {head}  {'n':>{right}}"]
    for row, values, count in zip(rows, cells, counts, strict=True):
        body = "  ".join(v.rjust(w) for v, w in zip(values, widths, strict=True))
        lines.append(f"  {row.label:<{left}}  {body}  {count:>{right}}")
    return lines


def _cell(cell: Cell | None, measure: str) -> str:
    if cell is None:
        return "-"
    if measure == "chats":
        return "n/a" if cell.value is None else f"{cell.value:,.0f}"
    digits = 3 if measure == "mrr" else 2 if measure.split()[-1] in ("mean", "sd") else 1
    text = shown(cell.value, digits)
    if cell.interval is None:
        return text
    low, high = cell.interval
    return f"{text} [{low:.2f}-{high:.2f}]" if measure == "mrr" else f"{text} [{low:.0f}-{high:.0f}]"


def _tests(tests: Sequence[Test]) -> list[str]:
    """A line for each arm and set; p as it is, and adjusted for all tests of the table."""
    lines: dict[tuple[str, str], list[str]] = {}
    for t in tests:
        p = "no difference" if t.test.p is None else f"p {t.test.p:.3g} (Holm {shown(t.p_holm)})"
        name = f"{_SHORT.get(t.measure, t.measure)} {_TESTS.get(t.test.name, t.test.name)}"
        lines.setdefault((t.label, t.set), []).append(f"{name} {p}")
    return [f"  {label}, {of}, against no candidates: {'; '.join(found)}" for (label, of), found in lines.items()]


def _agreement_head() -> str:
    return "Agreement of the judges that ask a model with the deterministic judge (Cohen's kappa)"


def _agreed(system: str, found: Agreement) -> str:
    weighted = "" if found.weighted is None else f", weighted {shown(found.weighted, 2)}"
    share = None if found.agreed is None else 100 * found.agreed
    return f"  {system}: {found.what}: n {found.n}, agreed {shown(share, 1)} %, kappa {shown(found.kappa, 2)}{weighted}"
