"""The gazetteer reads back every place that it can name."""

from gateway.domain.deid.cn_divisions import Place, find_place
from gateway.domain.deid.cn_divisions_north import NORTH
from gateway.domain.deid.cn_divisions_south import SOUTH


def places() -> list[Place]:
    """Read the two lists in the plainest way."""
    found: list[Place] = []
    province = city = ""
    for word in (NORTH + SOUTH).split():
        if word.endswith(":"):
            province = word[:-1]
        elif word.endswith("/"):
            city = word[:-1] if word[:-1] == province else province + word[:-1]
            found.append(Place(city, city))
        else:
            found.append(Place(city, city + word))
    return found


def test_it_has_the_provinces_cities_and_counties_of_the_mainland() -> None:
    assert (NORTH + SOUTH).count(":") == 31
    cities = {place.city for place in places()}
    assert 350 < len(cities) < 400
    assert 2800 < len(places()) - len(cities) < 3000


def test_every_place_is_found_under_its_whole_name_and_before_a_street() -> None:
    wrong = [place for place in places() if find_place(place.district) != place]
    assert wrong == []
    wrong = [place for place in places() if find_place(place.district + "人民路1号") != place]
    assert wrong == []


def test_a_result_is_always_a_place_of_the_list() -> None:
    known = set(places())
    for place in list(known):
        for skipped in range(1, 6):
            found = find_place(place.district[skipped:])
            assert found is None or found in known
