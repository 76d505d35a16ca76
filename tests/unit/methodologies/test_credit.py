"""Every methodology that credits, worked by hand: the arithmetic is in the comments, in grams."""

from decimal import Decimal

from shared.adapters.catalogue import catalogue
from shared.domain.measurement import Label, Measurement
from shared.domain.methodology import Methodology


def named(name: str) -> Methodology:
    """Return a version by its reference; by its id alone, the first one."""
    methodology_id, _, version = name.partition("@")
    return catalogue().get(methodology_id, version or "2025.1")


def measured(name: str, **inputs: str) -> Measurement:
    methodology = named(name)
    data = {name: Decimal(value) for name, value in inputs.items()}
    return methodology.measure(methodology.read_inputs(data))


def range_mg(measurement: Measurement) -> tuple[int, int]:
    """What the factors alone allow: the low case and the high case, in milligrams."""
    spread = measurement.spread
    reduction_mg = measurement.reduction_mg
    return reduction_mg - spread.down_mg, reduction_mg + spread.up_mg


def label(name: str, *missing: str) -> Label:
    return named(name).label_for(missing)


def test_an_electronic_statement():
    statement = measured("e-statement")

    assert statement.reduction_mg == 24_000
    # Low: the paper of two sheets and an envelope, 20.1. High: a US bank's study, 67.
    assert range_mg(statement) == (20_100, 67_000)
    assert (statement.grade, statement.missing) == (2, ())
    assert label("e-statement") is Label.PUBLISHED


def test_a_digital_card():
    card = measured("digital-card")

    assert card.reduction_mg == 89_000
    # Low: 5 g of PVC, 14.7. High: the average card, 150.
    assert range_mg(card) == (14_700, 150_000)
    assert (card.grade, card.missing) == (2, ())
    assert label("digital-card") is Label.PUBLISHED


def test_a_bill_paid_online():
    bill = measured("online-bill-payment")

    assert bill.reduction_mg == 89_000
    # Low: the slip alone, 3.35. High: Ant Forest's award, 262.
    assert range_mg(bill) == (3_350, 262_000)
    assert (bill.grade, bill.missing) == (2, ())
    assert label("online-bill-payment") is Label.PUBLISHED


def test_eight_kilometres_by_metro():
    ride = measured("metro-distance", distance_km="8")

    # 8 x 0.23 x (195.2 - 84) = 1.84 x 111.2 = 204.608
    assert ride.reduction_mg == 204_608
    # Low:  8 x 0.10 x (162.72 - 96.6) = 0.8 x 66.12 = 52.896
    # High: 8 x 0.31 x (224.8 - 27.8) = 2.48 x 197 = 488.56
    assert range_mg(ride) == (52_896, 488_560)
    # 5 % of the way: 7.6 km are 194.3776, 8.4 km are 214.8384; the farther is 10.231 away.
    assert ride.spread.activity_mg2 == 10_231**2
    assert (ride.grade, ride.missing) == (1, ())


def test_a_metro_ride_whose_end_is_not_known_is_the_shortest_for_now():
    ride = measured("metro-distance")

    # 0.1 x 0.23 x 111.2 = 2.5576
    assert ride.reduction_mg == 2_557
    assert ride.spread.activity_mg2 == 0
    assert (ride.grade, ride.missing) == (3, ("distance_km",))
    # The assumed length is an estimate, and the weakest value in the file.
    assert label("metro-distance", "distance_km") is Label.ILLUSTRATIVE
    assert label("metro-distance") is Label.DERIVED


def test_three_kilometres_by_bus():
    ride = measured("bus-distance", distance_km="3")

    # 3 x 0.23 x (195.2 - 56.2) = 0.69 x 139 = 95.91
    assert ride.reduction_mg == 95_910
    # Low:  3 x 0.10 x (162.72 - 103.85) = 0.3 x 58.87 = 17.661
    # High: 3 x 0.31 x (224.8 - 47.8) = 0.93 x 177 = 164.61
    assert range_mg(ride) == (17_661, 164_610)
    # 10 % of the way, to either side: 9.591
    assert ride.spread.activity_mg2 == 9_591**2
    assert (ride.grade, ride.missing) == (1, ())


def test_a_bus_ride_whose_end_is_not_known_is_the_shortest_for_now():
    ride = measured("bus-distance")

    # 0.1 x 0.23 x 139 = 3.197
    assert ride.reduction_mg == 3_197
    assert (ride.grade, ride.missing) == (3, ("distance_km",))
    assert label("bus-distance", "distance_km") is Label.ILLUSTRATIVE


def test_two_kilometres_on_a_shared_bike():
    ride = measured("shared-bike-distance", distance_km="2")

    # 2 x 48.7 = 97.4
    assert ride.reduction_mg == 97_400
    # Low: 2 x 37.4 = 74.8. High: 2 x 93.3 = 186.6
    assert range_mg(ride) == (74_800, 186_600)
    assert (ride.grade, ride.missing) == (1, ())


def test_a_bike_ride_without_its_length_is_the_shortest_for_now():
    ride = measured("shared-bike-distance")

    # 0.1 x 48.7 = 4.87
    assert ride.reduction_mg == 4_870
    assert (ride.grade, ride.missing) == (3, ("distance_km",))
    assert label("shared-bike-distance", "distance_km") is Label.ILLUSTRATIVE


def test_three_kilometres_on_a_shared_e_bike():
    ride = measured("shared-e-bike-distance", distance_km="3")

    # 3 x 61.8 = 185.4
    assert ride.reduction_mg == 185_400
    # Low: 3 x 43 = 129. High: 3 x 69.6 = 208.8
    assert range_mg(ride) == (129_000, 208_800)
    assert (ride.grade, ride.missing) == (1, ())


def test_an_e_bike_ride_without_its_length_is_the_shortest_for_now():
    ride = measured("shared-e-bike-distance")

    # 0.1 x 61.8 = 6.18
    assert ride.reduction_mg == 6_180
    assert (ride.grade, ride.missing) == (3, ("distance_km",))
    assert label("shared-e-bike-distance", "distance_km") is Label.ILLUSTRATIVE


def test_five_thousand_steps():
    walk = measured("walking-steps", steps="5000")

    # 5,000 x 0.0256 = 128
    assert walk.reduction_mg == 128_000
    # Low: 5,000 x 0.02 = 100. High: 5,000 x 0.0291 = 145.5
    assert range_mg(walk) == (100_000, 145_500)
    # 10 % of the steps, to either side: 500 x 0.0256 = 12.8
    assert walk.spread.activity_mg2 == 12_800**2
    assert (walk.grade, walk.missing) == (4, ())
    assert label("walking-steps") is Label.DERIVED


def test_beyond_the_published_amount_a_day_steps_add_nothing():
    # 11,562 x 0.0256 = 295.9872; one step more would be 296.0128.
    assert measured("walking-steps", steps="11562").reduction_mg == 295_987
    assert measured("walking-steps", steps="11563").reduction_mg == 296_000

    walk = measured("walking-steps", steps="20000")

    # 20,000 x 0.0256 = 512, which is cut to 296; so are 20,000 x 0.02 = 400 and 18,000 x 0.0256.
    assert walk.reduction_mg == 296_000
    assert range_mg(walk) == (296_000, 296_000)
    assert walk.spread.activity_mg2 == 0


def test_five_kilograms_of_clothes():
    clothes = measured("second-hand-clothes-weight", weight_kg="5")

    # 5 x 3,600 = 18,000
    assert clothes.reduction_mg == 18_000_000
    # Low: 5 x 1,280 = 6,400. High: 5 x 7,090 = 35,450
    assert range_mg(clothes) == (6_400_000, 35_450_000)
    assert (clothes.grade, clothes.missing) == (1, ())


def test_clothes_that_were_not_weighed_are_the_lightest_for_now():
    clothes = measured("second-hand-clothes-weight")

    # 0.1 x 3,600 = 360, below the 790 that Xianyu gives for any donation
    assert clothes.reduction_mg == 360_000
    assert (clothes.grade, clothes.missing) == (3, ("weight_kg",))
    assert label("second-hand-clothes-weight", "weight_kg") is Label.ILLUSTRATIVE


def test_a_used_phone():
    phone = measured("second-hand-phone-deal")

    assert phone.reduction_mg == 25_000_000
    # Low: one year of a refurbished phone in France, 24.6 kg. High: Xianyu's example, 51.903 kg.
    assert range_mg(phone) == (24_600_000, 51_903_000)
    assert (phone.grade, phone.missing) == (2, ())
    assert label("second-hand-phone-deal") is Label.PUBLISHED


def test_ten_kilograms_of_waste_paper():
    paper = measured("paper-recycling-weight", weight_kg="10")

    # 13,450.8 - 10,500.8 = 2,950
    assert paper.reduction_mg == 2_950_000
    # Low: board, 11,997.3 - 10,500.8 = 1,496.5. High: landfilled otherwise, 25,048.8 - 10,500.8
    assert range_mg(paper) == (1_496_500, 14_548_000)
    assert (paper.grade, paper.missing) == (1, ())


def test_paper_that_was_not_weighed_is_the_lightest_for_now():
    paper = measured("paper-recycling-weight")

    # 134.508 - 105.008 = 29.5
    assert paper.reduction_mg == 29_500
    assert (paper.grade, paper.missing) == (3, ("weight_kg",))
    assert label("paper-recycling-weight", "weight_kg") is Label.ILLUSTRATIVE


def test_two_kilograms_of_plastic():
    plastic = measured("plastic-recycling-weight", weight_kg="2")

    # 2 x 1,500 = 3,000
    assert plastic.reduction_mg == 3_000_000
    # Low: 2 x 1,296 = 2,592. High: 2 x 1,597 = 3,194
    assert range_mg(plastic) == (2_592_000, 3_194_000)
    assert (plastic.grade, plastic.missing) == (1, ())


def test_plastic_that_was_not_weighed_is_the_lightest_for_now():
    plastic = measured("plastic-recycling-weight")

    # 0.01 x 1,500 = 15
    assert plastic.reduction_mg == 15_000
    assert (plastic.grade, plastic.missing) == (3, ("weight_kg",))
    assert label("plastic-recycling-weight", "weight_kg") is Label.ILLUSTRATIVE


def test_an_e_book_read_to_the_end():
    book = measured("e-book-finished")

    # 682 / 2 - 0 = 341
    assert book.reduction_mg == 341_000
    # Low: 682 / 4 - 43.45 = 127.05. High: 1,300 / 1 - 0 = 1,300
    assert range_mg(book) == (127_050, 1_300_000)
    assert (book.grade, book.missing) == (2, ())
    assert label("e-book-finished") is Label.ILLUSTRATIVE


def test_ten_kilometres_in_an_electric_car():
    drive = measured("ev-driving-distance@2026.1", distance_km="10")

    # 1,952 - 10 x 0.2052 x 530.6 = 1,952 - 1,088.7912 = 863.2088
    assert drive.reduction_mg == 863_208
    # Low:  1,627.2 - 10 x 0.228 x 636.1 = 1,627.2 - 1,450.308 = 176.892
    # High: 2,087.1 - 10 x 0.171 x 247.2 = 2,087.1 - 422.712 = 1,664.388
    assert range_mg(drive) == (176_892, 1_664_388)
    assert (drive.grade, drive.missing) == (1, ())
    assert label("ev-driving-distance@2026.1") is Label.DERIVED


def test_a_charge_for_a_hundred_kilometres():
    charge = measured("ev-charging-energy@2026.1", energy_kwh="20.52")

    # 20.52 / 0.2052 = 100 km; 100 x 195.2 - 20.52 x 530.6 = 19,520 - 10,887.912 = 8,632.088
    assert charge.reduction_mg == 8_632_088
    # Low:  20.52 / 0.228 = 90 km;  90 x 162.72 - 20.52 x 636.1 = 14,644.8 - 13,052.772
    # High: 20.52 / 0.171 = 120 km; 120 x 208.71 - 20.52 x 247.2 = 25,045.2 - 5,072.544
    assert range_mg(charge) == (1_592_028, 19_972_656)
    assert (charge.grade, charge.missing) == (1, ())
    assert label("ev-charging-energy@2026.1") is Label.DERIVED


def test_an_appointment_made_online():
    appointment = measured("online-medical-registration")

    assert appointment.reduction_mg == 277_000
    # Low: a sheet of paper, 6.7. High: twice the award, 554.
    assert range_mg(appointment) == (6_700, 554_000)
    assert (appointment.grade, appointment.missing) == (2, ())
    assert label("online-medical-registration") is Label.PUBLISHED


def test_a_train_e_ticket():
    ticket = measured("train-e-ticket")

    assert ticket.reduction_mg == 136_000
    # Low: half a sheet of paper, 3.35. High: twice the award, 272.
    assert range_mg(ticket) == (3_350, 272_000)
    assert (ticket.grade, ticket.missing) == (2, ())
    assert label("train-e-ticket") is Label.PUBLISHED


def test_a_ticket_for_a_show():
    ticket = measured("show-e-ticket")

    assert ticket.reduction_mg == 180_000
    # Low: half a sheet of paper, 3.35. High: twice the award, 360.
    assert range_mg(ticket) == (3_350, 360_000)
    assert (ticket.grade, ticket.missing) == (2, ())
    assert label("show-e-ticket") is Label.PUBLISHED


def test_an_electronic_invoice():
    invoice = measured("e-invoice")

    assert invoice.reduction_mg == 5_000
    # Low: half a sheet of paper, 3.35. High: a whole one, 6.7.
    assert range_mg(invoice) == (3_350, 6_700)
    assert (invoice.grade, invoice.missing) == (2, ())
    assert label("e-invoice") is Label.PUBLISHED


def test_an_order_without_cutlery():
    order = measured("no-cutlery-order")

    # 310,000 t / 7.7e9 orders = 40.3, rounded down to 40
    assert order.reduction_mg == 40_000
    # Low: Beijing's list, 23. High: twice the value, 80.
    assert range_mg(order) == (23_000, 80_000)
    assert (order.grade, order.missing) == (2, ())
    assert label("no-cutlery-order") is Label.DERIVED


def test_a_drink_in_ones_own_cup():
    drink = measured("reusable-cup-use")

    # 60.9 - 60.9 / 3 = 60.9 - 20.3 = 40.6
    assert drink.reduction_mg == 40_600
    # Low: 14.8 - 14.8 / 2 = 7.4. High: 110 - 110 / 5 = 88
    assert range_mg(drink) == (7_400, 88_000)
    assert (drink.grade, drink.missing) == (2, ())
    assert label("reusable-cup-use") is Label.DERIVED


def test_two_and_a_half_kilowatt_hours_saved():
    day = measured("saved-electricity-day@2026.1", baseline_kwh="12", actual_kwh="9.5")

    # 12 x 530.6 - 9.5 x 530.6 = 2.5 x 530.6 = 1,326.5
    assert day.reduction_mg == 1_326_500
    # Low: 2.5 x 247.2 = 618. High: 2.5 x 636.1 = 1,590.25
    assert range_mg(day) == (618_000, 1_590_250)
    # 10 % of the baseline: 1.2 x 530.6 = 636.72. 1 % of the meter: 0.095 x 530.6 = 50.407
    assert day.spread.activity_mg2 == 636_720**2 + 50_407**2
    assert (day.grade, day.missing) == (1, ())
    assert label("saved-electricity-day@2026.1") is Label.PUBLISHED


def test_a_home_that_used_more_than_usual_saved_nothing():
    day = measured("saved-electricity-day@2026.1", baseline_kwh="9.5", actual_kwh="12")

    assert day.reduction_mg == 0
    assert range_mg(day) == (0, 0)


def test_a_meeting_instead_of_ten_kilometres():
    meeting = measured("remote-meeting-trip", distance_km="10", duration_h="1")

    # 10 x (0.23 x 195.2 + 0.77 x 84) - 29.66 = 10 x 109.576 - 29.66 = 1,066.1
    assert meeting.reduction_mg == 1_066_100
    # Low:  10 x (0.10 x 162.72 + 0.90 x 27.8) - 150 = 10 x 41.292 - 150 = 262.92
    # High: 10 x (0.31 x 224.8 + 0.69 x 96.6) - 8.69 = 10 x 136.342 - 8.69 = 1,354.73
    assert range_mg(meeting) == (262_920, 1_354_730)
    assert (meeting.grade, meeting.missing) == (2, ())


def test_a_meeting_whose_place_is_not_known_saves_nothing_for_now():
    meeting = measured("remote-meeting-trip", duration_h="1")

    # 0.1 x 109.576 - 29.66 = 10.9576 - 29.66 is below zero.
    assert meeting.reduction_mg == 0
    # High: 0.1 x 136.342 - 8.69 = 13.6342 - 8.69 = 4.9442
    assert range_mg(meeting) == (0, 4_944)
    assert (meeting.grade, meeting.missing) == (3, ("distance_km",))
    assert label("remote-meeting-trip", "distance_km") is Label.ILLUSTRATIVE


def test_eight_hours_at_home_instead_of_twenty_kilometres():
    day = measured("home-office-day@2026.1", distance_km="20", duration_h="8")

    # 20 x 109.576 - 8 x 0.1776 x 530.6 = 2,191.52 - 753.87648 = 1,437.64352
    assert day.reduction_mg == 1_437_643
    # Low:  20 x 41.292 - 8 x (0.1776 x 636.1 + 302.34) = 825.84 - 3,322.49 is below zero: a room
    #       that is heated for the day's work undoes it.
    # High: 20 x 136.342 - 8 x 0.05 x 247.2 = 2,726.84 - 98.88 = 2,627.96
    assert range_mg(day) == (0, 2_627_960)
    assert (day.grade, day.missing) == (2, ())


def test_a_day_at_home_of_unknown_length_is_the_longest_for_now():
    day = measured("home-office-day@2026.1", distance_km="20")

    # 2,191.52 - 16 x 94.23456 = 2,191.52 - 1,507.75296 = 683.76704
    assert day.reduction_mg == 683_767
    assert (day.grade, day.missing) == (3, ("duration_h",))
    assert label("home-office-day@2026.1", "duration_h") is Label.ILLUSTRATIVE


def test_until_february_2026_the_grid_factor_is_that_of_2022():
    # 2.5 x 536.6 = 1,341.5
    saved = measured("saved-electricity-day", baseline_kwh="12", actual_kwh="9.5")
    assert saved.reduction_mg == 1_341_500
    # 1,952 - 10 x 0.2052 x 536.6 = 1,952 - 1,101.1032 = 850.8968
    assert measured("ev-driving-distance", distance_km="10").reduction_mg == 850_896
    # 19,520 - 20.52 x 536.6 = 19,520 - 11,011.032 = 8,508.968
    assert measured("ev-charging-energy", energy_kwh="20.52").reduction_mg == 8_508_968
    # 2,191.52 - 8 x 0.1776 x 536.6 = 2,191.52 - 762.40128 = 1,429.11872
    assert measured("home-office-day", distance_km="20", duration_h="8").reduction_mg == 1_429_118
