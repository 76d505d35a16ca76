"""Answers for footprints."""

# A family of three in Shanghai that eats little meat; the rest is left to the defaults.
HOUSEHOLD: dict[str, object] = {
    "grid_region": "east",
    "household_size": 3,
    "electricity_kwh_per_month": 250,
    "diet": "low-meat",
}
# Somebody who answers all there is, and flies.
EVERY_ANSWER: dict[str, object] = {
    "grid_region": "north",
    "household_size": 2,
    "electricity_kwh_per_month": 180.5,
    "natural_gas_m3_per_month": 15,
    "lpg_kg_per_month": 1,
    "coal_kg_per_year": 100,
    "district_heated_area_m2": 80,
    "tap_water_m3_per_month": 8,
    "waste_kg_per_week": 10,
    "petrol_car_km_per_week": 140,
    "people_in_car": 2,
    "electric_car_km_per_week": 70,
    "taxi_km_per_week": 14,
    "bus_km_per_week": 21,
    "metro_km_per_week": 49,
    "train_km_per_year": 4000,
    "short_flight_km_per_year": 2400,
    "long_flight_km_per_year": 18000,
    "diet": "high-meat",
    "t_shirts_per_year": 10,
    "trousers_per_year": 3,
    "coats_per_year": 1,
    "shoes_per_year": 2,
    "phone_kept_years": 2.5,
    "internet_hours_per_week": 42,
}
