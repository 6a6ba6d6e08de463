"""A monthly series of synthetic extracts: the customers of the first one, month by month later.

The first file is the extract that `generate_extract` makes of the same numbers. In each month some
customers leave, some of those who left are erased, the others grow older, a few change use or
plan, and new ones join. Customers pass by `CHUNK` at a time with all their months, so memory does
not grow with them; the random numbers of a month are a sequence of their own.
"""

import calendar
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import numpy as np

from nexasat import generate_recipe as recipe
from nexasat.errors import ExitCode, NexasatError
from nexasat.generate import CHUNK, Progress, is_churned, to_text
from nexasat.generate_recipe import COHORTS
from nexasat.generate_rows import (
    DECK,
    DRAWS,
    Flags,
    Floats,
    Integers,
    Rows,
    draw_rows,
    used_and_billed,
)
from nexasat.output_file import replacing, told_in_words

EVENT_DRAWS = 3  # a customer's further random numbers of a month: leaving, plan, use
PLANS = np.array([cohort.plan for cohort in COHORTS], dtype=np.int64)


@dataclass(frozen=True)
class Population:
    """Customers at one month.

    Attributes:
        ids: rising.
        rows: what the extract says of them.
        churned: who has left.
        since: the month in which they join, 0 for the first.
    """

    ids: Integers
    rows: Rows
    churned: Flags
    since: Integers

    def only(self, kept: Flags) -> "Population":
        """Some of them."""
        rows = Rows(**{part.name: getattr(self.rows, part.name)[kept] for part in fields(Rows)})
        return Population(self.ids[kept], rows, self.churned[kept], self.since[kept])


def month_dates(first: date, months: int) -> list[date]:
    """The day of `first` in so many months, or the last one where the month is shorter."""
    dates = []
    for month in range(first.month - 1, first.month - 1 + months):
        year, number = first.year + month // 12, month % 12 + 1
        dates.append(date(year, number, min(first.day, calendar.monthrange(year, number)[1])))
    return dates


def series_paths(output: Path, dates: list[date]) -> list[Path]:
    """The files of a series: 'out/base.csv' gives 'out/base-2023-07-31.csv' and so on."""
    return [output.with_name(f"{output.stem}-{day}{output.suffix}") for day in dates]


def write_series(paths: list[Path], customers: int, seed: int, progress: Progress) -> None:
    """Writes one extract a month; they appear whole, or as they were.

    Args:
        paths: the file of each month; existing ones are replaced.
        customers: of the first month.
        seed: of PCG64, 0 or more.
        progress: called after each piece with the number of customers that are done.

    Raises:
        NexasatError: the numbers are wrong or a file cannot be written.
    """
    if customers < 1 or seed < 0 or not 1 <= len(paths) <= recipe.MOST_MONTHS:
        raise NexasatError(
            f"cannot generate {len(paths)} months of {customers} customers with seed {seed}",
            hint=f"ask for 1 to {recipe.MOST_MONTHS} months, 1 customer or more, a seed from 0 on",
            exit_code=ExitCode.USAGE,
        )
    with told_in_words(str(paths[0].parent)), ExitStack() as stack:
        files = [stack.enter_context(replacing(path)) for path in paths]
        for file in files:
            file.write(",".join(recipe.COLUMNS).encode() + b"\n")
        later = [_random(seed, month) for month in range(1, len(paths))]
        done = 0
        for people in _people(customers, seed, len(paths)):
            done += len(people.ids)
            for month, file in enumerate(files):
                if month > 0:
                    draws = later[month - 1].random((len(people.ids), DRAWS + EVENT_DRAWS)).T
                    people = _month_later(people, month, draws)  # noqa: PLW2901 (the same people)
                present = people.only(people.since <= month)
                file.write(to_text(present.ids, present.rows, present.churned))
            progress(done)


def _random(seed: int, month: int) -> np.random.Generator:
    """The random numbers of a month after the first, or of those who join (0)."""
    return np.random.Generator(np.random.PCG64([seed, month]))


def _people(customers: int, seed: int, months: int) -> Iterator[Population]:
    """Everybody as they begin, `CHUNK` at a time: the first customers, then who joins."""
    rng = np.random.Generator(np.random.PCG64(seed))
    for first in range(0, customers, CHUNK):
        rows = _drawn(rng, min(CHUNK, customers - first))
        ids = np.arange(first, first + len(rows.cohort)) + recipe.FIRST_ID
        yield Population(ids, rows, is_churned(rows), np.zeros_like(ids))
    rng = _random(seed, 0)
    joining = round(recipe.JOIN_SHARE * customers)
    for first in range(0, joining * (months - 1), CHUNK):
        drawn = _drawn(rng, min(CHUNK, joining * (months - 1) - first))
        cohort = np.array(recipe.ACTIVE_COHORT)[drawn.cohort]
        one = np.ones_like(cohort)
        draws = rng.random((len(cohort), DRAWS)).T
        rows = used_and_billed(cohort, drawn.person, drawn.add_ons, one, draws)
        places = np.arange(first, first + len(cohort))
        ids = places + recipe.FIRST_ID + customers
        yield Population(ids, rows, one == 0, places // joining + 1)


def _drawn(rng: np.random.Generator, customers: int) -> Rows:
    """The next customers of a sequence of whole decks."""
    return draw_rows(rng.random((-(-customers // DECK) * DECK, DRAWS)).T, customers)


def _month_later(people: Population, month: int, draws: Floats) -> Population:
    """The same people a month later, without those who were erased.

    Args:
        people: at the month before.
        month: its number; who joins in it or later stays as they are.
        draws: `DRAWS + EVENT_DRAWS` rows, one per use, with a column per customer.
    """
    fate, change, use = draws[DRAWS:]
    rows, joined = people.rows, people.since < month
    plan = PLANS[rows.cohort]
    is_free = joined & ~people.churned & (rows.tenure >= np.array(recipe.LOCK_IN)[plan])
    leaves = is_free & (fate < np.array(recipe.LEAVE_CHANCE)[plan])
    stays = joined & ~people.churned & ~leaves
    switches = stays & is_free & (change < recipe.PLAN_CHANGES)
    cohort = np.where(switches, np.array(recipe.OTHER_LEVEL)[rows.cohort], rows.cohort)
    has_all = np.array([plan.includes_add_ons for plan in recipe.Plan])[PLANS[cohort]]
    # add-ons come with Premium and go with it
    add_ons = np.where(switches, np.where(has_all, 3, 0), rows.add_ons)
    tenure = rows.tenure + stays
    fresh = used_and_billed(cohort, rows.person, add_ons, tenure, draws[:DRAWS])
    changes = switches | (stays & (use < recipe.USE_CHANGES))
    later = Rows(
        cohort=cohort,
        person=rows.person,
        add_ons=add_ons,
        tenure=tenure,
        minutes=np.where(changes, fresh.minutes, rows.minutes),
        gigabytes=np.where(changes, fresh.gigabytes, rows.gigabytes),
        bill=np.where(changes, fresh.bill, rows.bill),
    )
    erased = people.churned & (fate < recipe.ERASED)
    return Population(people.ids, later, people.churned | leaves, people.since).only(~erased)
