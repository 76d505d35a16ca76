"""What a footprint's parts are called, what it leaves out, and what must be said beside it."""

from collections.abc import Mapping

Texts = Mapping[str, str]

# By the name of the methodology's step.
TITLES: Mapping[str, Texts] = {
    "home": {"en": "Home", "zh-Hans": "居住"},
    "electricity": {"en": "Electricity", "zh-Hans": "用电"},
    "natural_gas": {"en": "Natural gas", "zh-Hans": "天然气"},
    "lpg": {"en": "Bottled gas", "zh-Hans": "液化石油气"},
    "coal": {"en": "Coal", "zh-Hans": "燃煤"},
    "district_heat": {"en": "District heating", "zh-Hans": "集中供暖"},
    "tap_water": {"en": "Tap water", "zh-Hans": "自来水"},
    "waste": {"en": "Household waste", "zh-Hans": "生活垃圾"},
    "travel": {"en": "Travel", "zh-Hans": "出行"},
    "petrol_car": {"en": "Petrol car", "zh-Hans": "燃油车"},
    "electric_car": {"en": "Electric car", "zh-Hans": "电动汽车"},
    "taxi": {"en": "Taxi and ride-hailing", "zh-Hans": "出租车与网约车"},
    "bus": {"en": "Bus", "zh-Hans": "公交"},
    "metro": {"en": "Metro", "zh-Hans": "地铁"},
    "train": {"en": "Train", "zh-Hans": "火车"},
    "short_flights": {"en": "Short flights", "zh-Hans": "短途航班"},
    "long_flights": {"en": "Long flights", "zh-Hans": "长途航班"},
    "food": {"en": "Food", "zh-Hans": "饮食"},
    "meals": {"en": "Meals", "zh-Hans": "日常饮食"},
    "goods": {"en": "Goods", "zh-Hans": "物品"},
    "t_shirts": {"en": "T-shirts, shirts and underwear", "zh-Hans": "T恤、衬衫、内衣"},
    "trousers": {"en": "Trousers and skirts", "zh-Hans": "裤子、裙子"},
    "coats": {"en": "Coats and jackets", "zh-Hans": "外套"},
    "shoes": {"en": "Shoes", "zh-Hans": "鞋"},
    "phone": {"en": "Phone", "zh-Hans": "手机"},
    "internet": {"en": "Internet", "zh-Hans": "上网"},
}

# By the name that the step would have; what a methodology has a step for is counted.
NOT_COUNTED: Mapping[str, Texts] = {
    "public_services": {
        "en": "Public services, health care, schools and roads: no figure for China was found.",
        "zh-Hans": "公共服务、医疗、教育、道路：未找到中国数据。",
    },
    "buildings_and_vehicles": {
        "en": "Building homes; making cars, bikes, furniture, appliances and computers.",
        "zh-Hans": "住房建造；汽车、自行车、家具、家电和电脑的制造。",
    },
    "leisure": {
        "en": "Hotels, culture, sport, and what restaurants use beyond the food itself.",
        "zh-Hans": "酒店、文化、体育，以及餐馆在食物之外的消耗。",
    },
    "slow_travel": {
        "en": "Walking, cycling and e-bikes, a few grams per kilometre at most; coaches and ships.",
        "zh-Hans": "步行、骑行和电动自行车（每公里至多数克）；长途客车和轮船。",
    },
}

NEVER_NETTED: Texts = {
    "en": "A footprint and the reductions of a carbon account are never netted: a footprint is "
    "what was emitted, a reduction is what would have been emitted otherwise.",
    "zh-Hans": "碳足迹与碳账户的减排量从不相抵："
    "碳足迹是实际产生的排放，减排量是与假设情形相比少产生的排放。",
}
RANGE: Texts = {
    "en": "Low and high follow the ranges of the factors and add up in full. How well you know "
    "your own answers is not in them, nor how near a default is to you.",
    "zh-Hans": "低值和高值按排放因子的范围直接相加，不含回答本身的误差，也不含默认值与实际的差别。",
}
