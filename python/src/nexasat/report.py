"""The report: a folder of pages that opens without a server, made aside and shown whole."""

import fcntl
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nexasat import warehouse
from nexasat.boards import FIRST, Board, read_boards
from nexasat.csv_text import csv_rows
from nexasat.errors import NexasatError
from nexasat.labels import PICTURE, draw_scan
from nexasat.output_file import told_in_words
from nexasat.report_pages import dress
from nexasat.report_tools import HOW_TO_INSTALL, Tools, is_installed
from nexasat.settings import Settings

SITE = PICTURE.parent  # below the project
BESIDE = {  # what belongs to the report and is no board
    "docs.html": "Every mart and column (dbt docs)",
    "lineage.html": "Which column comes from which",
    "erd.svg": "Keys between the marts",
    PICTURE.name: "How the number of clusters was chosen",
}
ROWS_PER_BLOCK = 10_000
LISTED = (
    "customer_id",
    "plan_key",
    "value_tier",
    "monthly_bill_amount",
    "monthly_bill_after",
    "value_if_accepted",
    "expected_value",
    "churn_probability_12m",
    "rule_words",
    "withheld",
)
READER = """
    select rolname::text from pg_roles
    where
        rolname = 'bi_reader' and pg_has_role(current_user, oid, 'set')
        -- it is of the whole server, and may know nothing of this database
        and has_schema_privilege(oid, 'marts', 'usage')
        and has_table_privilege(oid, 'marts.rpt_load_audit', 'select')
"""
LIST = """
    select
        listed.customer_id, listed.plan_key, listed.value_tier, listed.monthly_bill_amount,
        listed.monthly_bill_after, listed.value_if_accepted, listed.expected_value,
        listed.churn_probability_12m, listed.rule_words,
        case
            when best.no_offer_reason in ('do_not_contact', 'recent_campaign', 'universal_holdout')
                then best.no_offer_reason
        end as withheld
    from offer_list(%s) as listed
    inner join fct_next_best_offers as best using (customer_id)
    order by listed.expected_value desc, listed.customer_id
"""

Report = Callable[[str], None]


@dataclass
class Site:
    """What was made.

    Attributes:
        page: the one to open.
        seconds: duration of each step.
        notes: what is missing, and how to get it.
    """

    page: Path
    seconds: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def make(
    settings: Settings, parameters: Mapping[str, str], report: Report, *, boards_only: bool = False
) -> Site:
    """Renders the report aside and puts it in the place of the old one.

    Args:
        settings: which project.
        parameters: libpq variables of the server; its published marts are read.
        report: takes one sentence of progress at a time.
        boards_only: keeps docs, lineage and keys as they were, which take most of the time.

    Raises:
        NexasatError: the extra is not installed, there are no marts, or a page cannot be made; the
            old report stays.
    """
    if not is_installed():
        raise NexasatError("the report needs more packages", hint=HOW_TO_INSTALL)
    site = settings.project / SITE
    work = settings.project / settings.environment.get("DBT_TARGET_PATH", "target") / "report"
    done = Site(page=site / f"{FIRST}.html")

    @contextmanager
    def step(name: str, sentence: str) -> Iterator[None]:
        report(f"- {sentence}")
        start = time.monotonic()
        yield
        done.seconds[name] = time.monotonic() - start

    with told_in_words(str(site)), _alone(work, report), _aside(site) as folder:
        with warehouse.connect(parameters) as connection:
            if not warehouse.relation_exists(connection, "marts", "rpt_load_audit"):
                raise NexasatError("there are no marts to report on", hint="nexasat build")
            with step("lists", "lists: a CSV of every offer"):
                lists = _write_lists(connection, folder / "lists")
            readers = [row["rolname"] for row in warehouse.fetch(connection, READER)]
            draw_scan(connection, folder / PICTURE.name, lambda _: None)
        tools = Tools(settings, parameters, work, *readers)
        if boards_only:
            with step("dbt", "looking up marts and columns"):
                tools.parse()
            for name in BESIDE:
                if (site / name).is_file() and name != PICTURE.name:
                    shutil.copyfile(site / name, folder / name)
        else:
            with step("docs", "docs: every mart and column"):
                tools.docs(folder / "docs.html")
            with step("lineage", "lineage: which column comes from which"):
                tools.lineage(folder / "lineage.html")
            with step("keys", "keys between the marts"):
                if not tools.keys(folder / "erd.svg"):
                    done.notes.append("no erd.svg: graphviz is missing (apt install graphviz)")
        boards = read_boards(settings.project)
        with step("boards", f"boards: {', '.join(board.name for board in boards)}"):
            tools.render([board.name for board in boards], folder)
            _dress(boards, folder, lists, tools)
    return done


def _dress(boards: list[Board], folder: Path, lists: Mapping[str, str], tools: Tools) -> None:
    """Gives each page its heading, links and definitions."""
    models = tools.models()
    known = {name: model["columns"] for name, model in models.items()}
    pages = [(f"{board.name}.html", board.label) for board in boards]
    beside = [(name, text) for name, text in BESIDE.items() if (folder / name).is_file()]
    for board in boards:
        path = folder / f"{board.name}.html"
        words = {
            column: known[mart][column]["description"] for column, mart in board.columns(known)
        }
        offered = lists.items() if "rpt_offer_summary" in board.marts else ()
        more = [*beside, *((f"lists/{key}.csv", f"{name} (CSV)") for key, name in offered)]
        text = dress(
            path.read_text(encoding="utf-8"),
            title=board.title,
            here=path.name,
            pages=pages,
            more=more,
            words=words,
        )
        path.write_text(text, encoding="utf-8")


def _write_lists(connection: warehouse.Connection, folder: Path) -> dict[str, str]:
    """Writes the list of each offer, best customers first; returns the names by their keys."""
    folder.mkdir()
    offers = warehouse.fetch(
        connection, "select offer_key, offer_name from dim_offers order by offer_rank"
    )
    for offer in offers:
        with connection.transaction(), (folder / f"{offer['offer_key']}.csv").open("wb") as file:
            file.write(csv_rows([LISTED]))
            blocks = warehouse.stream(connection, LIST, ROWS_PER_BLOCK, [offer["offer_key"]])
            file.writelines(map(csv_rows, blocks))
    return {offer["offer_key"]: offer["offer_name"] for offer in offers}


@contextmanager
def _alone(work: Path, report: Report) -> Iterator[None]:
    """Holds the folder of dbt's files: one report at a time."""
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another report")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _aside(site: Path) -> Iterator[Path]:
    """A folder that takes the place of the site when all went well, and vanishes when not."""
    for left in site.parent.glob(f".{site.name}-*"):  # of a report that was killed
        shutil.rmtree(left, ignore_errors=True)
    base = Path(tempfile.mkdtemp(prefix=f".{site.name}-", dir=site.parent))
    try:
        new, old = base / "new", base / "old"
        new.mkdir()
        base.chmod(0o755)
        yield new
        if site.exists():
            site.rename(old)
        try:
            new.rename(site)
        except OSError:
            if old.exists():
                old.rename(site)
            raise
    finally:
        shutil.rmtree(base, ignore_errors=True)
