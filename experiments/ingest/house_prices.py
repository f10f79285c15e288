"""A synthetic CSV table of house prices."""

import csv
import io

import numpy as np

ROWS = 2_000
DISTRICTS = (("Centre", 1.45), ("Harbour", 1.2), ("North", 1.0), ("Hills", 1.3), ("East", 0.85))
HEATING = (("gas", 1.0), ("heat pump", 1.06), ("district heating", 1.02), ("oil", 0.95))


def house_prices_csv() -> bytes:
    """The file as bytes: 2,000 rows, numbers and categories, about 3 % of some cells missing."""
    rng = np.random.default_rng(20_240)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        ["area_m2", "rooms", "built", "garden_m2", "km_to_centre", "district", "heating",
         "balcony", "price"]
    )  # fmt: skip
    for _ in range(ROWS):
        area = float(np.clip(rng.lognormal(4.5, 0.35), 25, 320))
        rooms = int(np.clip(round(area / 28 + rng.normal(0, 0.7)), 1, 9))
        built = int(rng.integers(1900, 2024))
        garden = float(rng.choice([0.0, rng.gamma(2.0, 110.0)]))
        distance = float(rng.gamma(2.0, 2.4))
        district, place = DISTRICTS[int(rng.choice(5, p=(0.2, 0.15, 0.3, 0.15, 0.2)))]
        heating, warmth = HEATING[int(rng.choice(4, p=(0.5, 0.2, 0.2, 0.1)))]
        balcony = bool(rng.random() < 0.4)
        age = 1.0 - 0.25 * np.sin(np.pi * (2024 - built) / 124)  # old and new are dear
        price = (
            1_900 * area**0.97 * place * warmth * age * np.exp(-0.05 * distance)
            + 120 * garden
            + 9_000 * balcony
        ) * rng.lognormal(0, 0.08)
        cells = [
            f"{area:.1f}", str(rooms), str(built), f"{garden:.0f}", f"{distance:.1f}", district,
            heating, "yes" if balcony else "no", f"{price:.0f}",
        ]  # fmt: skip
        for position in (2, 4, 6):
            if rng.random() < 0.03:
                cells[position] = ""
        writer.writerow(cells)
    return stream.getvalue().encode()
