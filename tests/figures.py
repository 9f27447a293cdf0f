"""Read the page of metrics as Prometheus does."""

from collections.abc import Callable

from prometheus_client.parser import text_string_to_metric_families

from shop import metrics


def figures(page: str = "") -> dict[str, float]:
    """Every sample of the page, or of what this process knows now, by its name and labels as they are written."""
    text = page or metrics.page("")[0].decode()
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def growth(act: Callable[[], object]) -> dict[str, float]:
    """By how much which counters grew while `act` ran; of times, the number of them."""
    before = figures()
    act()
    counters = {
        name: value - before.get(name, 0)
        for name, value in figures().items()
        if name.partition(" ")[0].endswith(("_total", "_count"))
    }
    return {name: grown for name, grown in counters.items() if grown}
