"""What a Dask worker does with an order: tasks run in threads, beside its other work."""

from geoflow.study._order import Order, Parcel, carry_out


def carry_out_on_dask(order: Order, topic: str) -> Parcel:
    """Do an order in a thread of a Dask worker, and tell how far it is through the scheduler.

    A worker learns from its scheduler that a task is not wanted any more: its future was cancelled,
    or the client it was for has gone.
    """
    from distributed import get_worker

    worker = get_worker()

    def say(amount: float, what: str) -> None:
        worker.log_event(topic, (order.key, amount, what))

    def is_cancelled() -> bool:
        task = worker.state.tasks.get(order.key)
        is_closing = worker.status.name in ("closing", "closed", "failed")
        return is_closing or task is None or task.state == "cancelled"

    say(0.0, "")
    return carry_out(order, is_cancelled, say, worker.local_directory)
