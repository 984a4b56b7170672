"""The districts of the demo's fleet: real ones, with the last census that there was.

Rule: nothing here is invented. Populations are those of the general census of 2004 (Central Bureau of Statistics of
Syria), for Damascus by municipality, elsewhere by city; there has been no census since, and where people live has
changed much. Whoever plans with real machines puts newer figures into a register of their own.
"""

from config.fleet_sections import DistrictSettings

DAMASCUS, SOURCE = ("دمشق", "Damascus"), "census of 2004"

# fmt: off
_DAMASCUS = (
    ("old-city", "المدينة القديمة", "Old City", 24_721),
    ("barzeh", "برزة", "Barzeh", 107_596),
    ("dummar", "دمر", "Dummar", 96_962),
    ("jobar", "جوبر", "Jobar", 83_245),
    ("qanawat", "القنوات", "Qanawat", 58_053),
    ("kafr-sousa", "كفر سوسة", "Kafr Sousa", 113_968),
    ("mazzeh", "المزة", "Mazzeh", 123_313),
    ("midan", "الميدان", "Midan", 177_456),
    ("muhajirin", "المهاجرين", "Muhajirin", 55_510),
    ("qaboun", "القابون", "Qaboun", 89_974),
    ("qadam", "القدم", "Qadam", 95_944),
    ("rukn-al-din", "ركن الدين", "Rukn al-Din", 92_646),
    ("salihiyah", "الصالحية", "Salihiyah", 72_303),
    ("sarouja", "ساروجة", "Sarouja", 83_814),
    ("shaghour", "الشاغور", "Shaghour", 119_569),
    ("yarmouk", "اليرموك", "Yarmouk", 137_248),
)
_CITIES = (
    ("jaramana", "جرمانا", "Jaramana", 114_363),
    ("douma", "دوما", "Douma", 110_893),
    ("homs", "حمص", "Homs", 652_609),
    ("hama", "حماة", "Hama", 312_994),
    ("aleppo", "حلب", "Aleppo", 2_132_100),
    ("latakia", "اللاذقية", "Latakia", 383_786),
    ("tartus", "طرطوس", "Tartus", 115_769),
    ("deir-ez-zor", "دير الزور", "Deir ez-Zor", 211_857),
    ("daraa", "درعا", "Daraa", 97_969),
    ("suwayda", "السويداء", "Suwayda", 73_641),
)
# fmt: on

DISTRICTS = {
    name: DistrictSettings(name=name, name_ar=ar, name_en=en, city_ar=city[0], city_en=city[1], population=population)
    for name, ar, en, population, city in (
        *((*row, DAMASCUS) for row in _DAMASCUS),
        *((*row, (row[1], row[2])) for row in _CITIES),
    )
}
