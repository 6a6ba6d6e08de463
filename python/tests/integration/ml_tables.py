"""What the clustering has written, without the moments at which it did."""

from nexasat import warehouse

Rows = list[warehouse.Row]
CLOCKS = ("trained_at", "activation_id", "activated_at")


def all_of_ml(connection: warehouse.Connection) -> dict[str, Rows]:
    """Everything in schema ml but the moment of training."""
    return {
        table: [
            {name: value for name, value in row.items() if name not in CLOCKS}
            for row in warehouse.fetch(connection, f"select * from ml.{table} order by 1, 2, 3")
        ]
        for table in ("cluster_runs", "cluster_scalers", "cluster_centroids", "cluster_activations")
    }
