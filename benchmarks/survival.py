"""Survival curves of a million customers: the macro kaplan_meier beside lifelines.

python benchmarks/survival.py [CUSTOMERS]

Both make the curves of four plans with bounds and cumulative hazard. SQL starts from a table with
one row per customer, lifelines from arrays in memory; both results must agree within 1e-9.
"""

import sys
import time
from collections.abc import Callable
from statistics import median

import lifelines
import numpy as np

from arena import PROJECT, SCRIPTS, SEED, open_arena, say
from nexasat import warehouse

INLINE = "{{ kaplan_meier('customers', ['plan'], 'tenure', 'is_churned') }}"
LONGEST = np.array([15.0, 35.0, 90.0, 150.0])  # mean months until churn, by plan
Curves = dict[int, np.ndarray]


def main() -> int:
    """Prints both times and their ratio."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    dice = np.random.default_rng(SEED)
    plans = dice.integers(0, 4, customers)
    left = np.ceil(dice.exponential(LONGEST[plans])).astype(int)
    seen = dice.integers(1, 61, customers)
    tenures, events = np.minimum(left, seen), left <= seen
    with open_arena() as arena:
        parameters = arena.fresh_database("survival")
        compiled = arena.run(
            [str(SCRIPTS / "dbt"), "--quiet", "compile", "--inline", INLINE],
            PROJECT,
            "survival",
            {"DBT_PROFILES_DIR": str(PROJECT)},
        )
        with warehouse.connect(parameters) as connection:
            create = "create table customers (plan integer, tenure integer, is_churned boolean)"
            warehouse.execute(connection, create)
            with connection.cursor().copy("copy customers from stdin") as copy:
                for row in zip(plans.tolist(), tenures.tolist(), events.tolist(), strict=True):
                    copy.write_row(row)
            warehouse.execute(connection, "vacuum analyze customers")
            columns = "plan, tenure, survival, survival_lower, survival_upper, cumulative_hazard"
            query = f"select {columns} from ({compiled.output}) as curves order by 1, 2"  # noqa: S608

            def by_sql() -> Curves:
                rows = warehouse.fetch(connection, query)
                table = np.array([list(row.values()) for row in rows], dtype=float)
                return {plan: table[table[:, 0] == plan, 2:] for plan in range(4)}

            sql_seconds, ours = timed(by_sql, 5)
    library_seconds, theirs = timed(lambda: by_lifelines(plans, tenures, events), 3)
    worst = max(float(np.abs(ours[plan] - theirs[plan]).max()) for plan in ours)
    assert worst < 1e-9, worst
    print(f"customers {customers:,}: SQL {sql_seconds:.2f} s, lifelines {library_seconds:.2f} s")
    print(f"SQL / lifelines {sql_seconds / library_seconds:.2f}, largest difference {worst:.0e}")
    return 0


def by_lifelines(plans: np.ndarray, tenures: np.ndarray, events: np.ndarray) -> Curves:
    """Survival, its bounds and the cumulative hazard at each observed tenure, of each plan."""
    found = {}
    for plan in range(4):
        own = plans == plan
        kaplan = lifelines.KaplanMeierFitter().fit(tenures[own], events[own])
        nelson = lifelines.NelsonAalenFitter(nelson_aalen_smoothing=False)
        nelson.fit(tenures[own], events[own])
        frames = (kaplan.survival_function_, kaplan.confidence_interval_, nelson.cumulative_hazard_)
        found[plan] = np.column_stack([frame.to_numpy()[1:] for frame in frames])  # without 0
    return found


def timed(work: Callable[[], Curves], repeats: int) -> tuple[float, Curves]:
    """The median of the seconds of some runs, and the result of the last."""
    seconds = []
    for run in range(repeats):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
        say(f"run {run + 1}: {seconds[-1]:.2f} s")
    return median(seconds), result


if __name__ == "__main__":
    sys.exit(main())
