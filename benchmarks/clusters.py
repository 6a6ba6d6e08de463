"""Clusters of a million customers: training, labels by SQL, and the notebook's fit beside them.

    python benchmarks/clusters.py [CUSTOMERS] [--no-peer]

`nexasat cluster` (a process: reading, scan, training, trust, writing) and the labels of everybody
(the SQL of int_customers_cluster_assigned, written to a table) on a built features mart. The peer
reads the same mart into a data frame, fits KMeans on all active customers and writes its labels by
`to_sql`. Every label by SQL must be the one of scikit-learn's `predict` for the same centroids.
"""

import sys
import time
from collections.abc import Iterator

import numpy as np
from sklearn.cluster import KMeans

from arena import BUILD_DATABASE, EXTRACT_DATE, PROJECT, SCRIPTS, Arena, Measured, open_arena, say
from nexasat import registry, warehouse
from nexasat.clusters import Clustering

SECONDS = {1_000_000: 15.0, 10_000_000: 150.0}
PEAK_MIB = 400.0
ROWS_PER_BLOCK = 50_000
# What a notebook would do; a program of its own, so that its memory is its own.
PEER = """
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler
from sqlalchemy import create_engine
names = ["monthly_bill_amount", "tenure_months", "data_usage", "call_duration"]
query = f"select customer_id, {', '.join(names)} from marts.fct_customer_features"
engine = create_engine("postgresql+psycopg://")
frame = pd.read_sql(query + " where not is_churned", engine)
model = KMeans(n_clusters=5, n_init=10, random_state=42)
frame["cluster_id"] = model.fit_predict(StandardScaler().fit_transform(frame[names]))
frame[["customer_id", "cluster_id"]].to_sql(
    "labels", engine, if_exists="replace", index=False, chunksize=10_000
)
"""


def main() -> int:
    """Prints the figures; 1 when a label differs."""
    numbers = [word for word in sys.argv[1:] if word.isdigit()]
    customers = int(numbers[0]) if numbers else 1_000_000
    with open_arena() as arena:
        _prepare(arena, customers)
        say("nexasat cluster")
        command = [str(SCRIPTS / "nexasat"), "cluster"]
        trained = arena.run(command, PROJECT, BUILD_DATABASE, arena.as_users())
        seconds, differing = _assign(arena)
        peer = None if "--no-peer" in sys.argv else _peer(arena)
    whole = trained.seconds + seconds
    print(
        f"customers {customers:,}: train {trained.seconds:.1f} s, assign and write {seconds:.1f} s"
    )
    print(f"together {whole:.1f} s, to reach {SECONDS.get(customers, 'nothing set')}")
    print(f"peak of Python {trained.peak_mib:.0f} MiB, to reach {PEAK_MIB:.0f}")
    if peer is not None:
        print(f"notebook {peer.seconds:.1f} s, {peer.peak_mib:.0f} MiB")
        print(f"ours / notebook {whole / peer.seconds:.2f}")
    print(f"labels that differ from scikit-learn's predict: {differing}")
    return 1 if differing else 0


def _prepare(arena: Arena, customers: int) -> None:
    """Builds the warehouse, since marts are published whole, and forgets its clusters."""
    extract = arena.make_input("clusters", customers, real=False) / "extract.csv"
    arena.fresh_database(BUILD_DATABASE)
    say("building the warehouse")
    command = [str(SCRIPTS / "nexasat"), "build", "--csv", str(extract)]
    arena.run([*command, "--extract-date", EXTRACT_DATE], PROJECT, BUILD_DATABASE, {})
    extract.unlink()
    with warehouse.connect(arena.database(BUILD_DATABASE)) as connection:
        warehouse.execute(connection, "truncate ml.cluster_runs cascade")


def _assign(arena: Arena) -> tuple[float, int]:
    """Seconds to label everybody and write it, and how many labels are not those of predict."""
    say("labels by SQL")
    _dbt(arena, "run", "--select", "+int_cluster_centres_pivoted")
    _dbt(arena, "compile", "--select", "int_customers_cluster_assigned")
    (path,) = (arena.folder / "target" / "compiled").rglob("int_customers_cluster_assigned.sql")
    query = f"create table labels as {path.read_text(encoding='utf-8')}"
    with warehouse.connect(arena.database(BUILD_DATABASE)) as connection:
        start = time.perf_counter()
        warehouse.execute(connection, query)
        seconds = time.perf_counter() - start
        say("the same by scikit-learn")
        active = registry.active_run(connection)
        assert active is not None
        trained = registry.clustering(connection, active.run_id, active.features)
        blocks = _blocks(connection, ", ".join(active.features))
        differing = sum(_differing(trained, block) for block in blocks)
    return seconds, differing


def _blocks(connection: warehouse.Connection, columns: str) -> Iterator[np.ndarray]:
    """Labels with their features, in blocks; nobody without a label."""
    query = (
        f"select cluster_id, {columns} from marts.fct_customer_features"  # noqa: S608
        " left join labels using (customer_id)"
    )
    with connection.transaction():
        for rows in warehouse.stream(connection, query, ROWS_PER_BLOCK):
            yield np.array(rows, dtype=float)


def _differing(trained: Clustering, block: np.ndarray) -> int:
    scaled = trained.scaler.apply(block[:, 1:])
    model = KMeans(len(trained.centroids), init=trained.centroids, n_init=1, max_iter=1)
    model.fit(trained.centroids).cluster_centers_ = trained.centroids
    predicted = np.array(trained.numbers)[model.predict(scaled)]
    return int((predicted != block[:, 0]).sum())


def _peer(arena: Arena) -> Measured:
    say("the notebook")
    return arena.run([sys.executable, "-c", PEER], PROJECT, BUILD_DATABASE, {})


def _dbt(arena: Arena, *arguments: str) -> None:
    where = {"DBT_PROFILES_DIR": str(PROJECT)}
    arena.run([str(SCRIPTS / "dbt"), "--quiet", *arguments], PROJECT, BUILD_DATABASE, where)


if __name__ == "__main__":
    sys.exit(main())
