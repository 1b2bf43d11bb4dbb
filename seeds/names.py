"""Names, shops and goods of the demo. People are called after herbs, so that nobody takes them for real."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FAMILY_NAMES = "安白柏常程丁范方古何江康兰林凌陆孟宁秦沈石苏唐童温夏许严叶尹余袁岳云郑钟朱祝"
GIVEN_NAMES = (
    "半夏",
    "紫苏",
    "青黛",
    "南星",
    "白芷",
    "连翘",
    "杜若",
    "茯苓",
    "佩兰",
    "忍冬",
    "沉香",
    "川芎",
    "石斛",
    "景天",
    "木槿",
    "海棠",
    "丁香",
    "桑叶",
    "玉竹",
    "苍术",
    "泽兰",
    "辛夷",
    "竹茹",
    "麦冬",
    "灵芝",
    "知母",
    "远志",
    "合欢",
    "艾叶",
    "薄荷",
)

# Mobile numbers in China begin with 13–19: none of these can ring.
PHONES_FROM = 12000000000


@dataclass(frozen=True)
class DemoAccount:
    """Who can be tried with one click. ``roles``: granted in the community; ``home``: nth occupied home."""

    key: str
    zh: str
    en: str
    roles: tuple[str, ...] = ()
    home: int | None = None
    traits: tuple[str, ...] = ()
    wants_elder_mode: bool = False


ACCOUNTS = (
    DemoAccount("resident", "林半夏", "Lin Banxia", home=0),
    DemoAccount("elder", "陈玉竹", "Granny Chen", home=1, traits=("elder", "alone"), wants_elder_mode=True),
    DemoAccount("volunteer", "王远志", "Wang Yuanzhi", home=2),
    DemoAccount("courier", "李石斛", "Li Shihu", home=3),
    DemoAccount("merchant", "周海棠", "Zhou Haitang"),
    DemoAccount("guard", "赵南星", "Zhao Nanxing", roles=("guard",)),
    DemoAccount("grid_worker", "孙佩兰", "Sun Peilan", roles=("grid_worker",)),
    DemoAccount("clinic", "吴茯苓", "Doctor Wu", roles=("clinic",)),
    DemoAccount("officer", "黄连翘", "Huang Lianqiao", roles=("officer",)),
    DemoAccount("district", "郑景天", "Zheng Jingtian"),
)


@dataclass(frozen=True)
class Goods:
    zh: str
    en: str
    unit: str
    price_fen: int
    weight_g: int
    volume_ml: int


# What else is to be said of some goods, as `market.stock_item` takes it.
ABOUT: dict[str, dict[str, Any]] = {
    "鸡蛋 30枚": {"category": "eggs_dairy", "allergens": ["eggs"]},
    "鲜牛奶 1L": {
        "category": "eggs_dairy",
        "allergens": ["milk"],
        "storage": "chilled",
        "barcode": "6901234567892",
    },
    "青菜 500g": {"category": "vegetables"},
    "婴儿奶粉 800g": {"category": "infant_formula", "limit_most": 2, "limit_days": 7},
    "降压药 28片": {"category": "medicine"},
    "降糖药 30片": {"category": "medicine"},
    "布洛芬 20片": {"category": "medicine"},
}


@dataclass(frozen=True)
class Shop:
    zh: str
    en: str
    distance_m: int
    goods: tuple[Goods, ...]


SHOPS = (
    Shop(
        "海棠超市",
        "Haitang Supermarket",
        350,
        (
            Goods("大米 5kg", "Rice 5 kg", "袋", 3290, 5000, 6000),
            Goods("挂面 1kg", "Noodles 1 kg", "把", 890, 1000, 2000),
            Goods("鸡蛋 30枚", "Eggs, 30", "盘", 2680, 2000, 6000),
            Goods("鲜牛奶 1L", "Milk 1 l", "盒", 1250, 1050, 1200),
            Goods("青菜 500g", "Greens 500 g", "份", 450, 500, 2500),
            Goods("土豆 1kg", "Potatoes 1 kg", "份", 590, 1000, 1800),
            Goods("西红柿 1kg", "Tomatoes 1 kg", "份", 890, 1000, 1800),
            Goods("猪肉 500g", "Pork 500 g", "份", 1980, 500, 800),
            Goods("食用油 1.8L", "Cooking oil 1.8 l", "瓶", 2590, 1700, 2200),
            Goods("酱油 500ml", "Soy sauce 500 ml", "瓶", 980, 700, 700),
            Goods("食盐 400g", "Salt 400 g", "袋", 300, 400, 400),
            Goods("饮用水 12瓶", "Water, 12 bottles", "箱", 1800, 6500, 9000),
            Goods("婴儿奶粉 800g", "Infant formula 800 g", "罐", 25800, 1000, 2500),
            Goods("卫生纸 10卷", "Toilet paper, 10 rolls", "提", 2290, 1200, 14000),
            Goods("垃圾袋 50只", "Bin bags, 50", "卷", 690, 300, 600),
        ),
    ),
    Shop(
        "连翘大药房",
        "Lianqiao Pharmacy",
        520,
        (
            Goods("降压药 28片", "Blood-pressure tablets, 28", "盒", 3850, 60, 200),
            Goods("降糖药 30片", "Blood-sugar tablets, 30", "盒", 4290, 60, 200),
            Goods("布洛芬 20片", "Ibuprofen, 20", "盒", 1890, 50, 180),
            Goods("体温计", "Thermometer", "支", 1990, 60, 150),
            Goods("口罩 50只", "Masks, 50", "盒", 1980, 250, 1800),
            Goods("消毒酒精 500ml", "Alcohol 500 ml", "瓶", 1290, 520, 650),
            Goods("成人护理垫 10片", "Bed pads, 10", "包", 2980, 800, 5000),
        ),
    ),
    Shop(
        "清晨菜场",
        "Morning Greengrocer",
        800,
        (
            Goods("蔬菜包 5kg", "Vegetable box 5 kg", "箱", 4900, 5000, 15000),
            Goods("水果包 3kg", "Fruit box 3 kg", "箱", 5800, 3000, 9000),
            Goods("青菜 500g", "Greens 500 g", "份", 420, 500, 2500),
            Goods("豆腐 400g", "Tofu 400 g", "盒", 350, 450, 500),
            Goods("鲫鱼 1条", "Carp, 1", "条", 1680, 600, 1200),
        ),
    ),
)


@dataclass(frozen=True)
class DemoNeed:
    """A need of the demo. ``home``: nth occupied home; ``items``: (words, quantity). By phone: a worker posts."""

    kind: str
    home: int
    items: tuple[tuple[str, int], ...] = ()
    note: str = ""
    is_by_phone: bool = False


# Posted in this order. The first goods go furthest along their way.
GOODS_NEEDS = (
    DemoNeed("groceries", 0, (("鸡蛋 30枚", 1), ("青菜 500g", 2), ("鲜牛奶 1L", 2)), "放单元门口就好"),
    DemoNeed("medicine", 1, (("降压药 28片", 1),), "老人独居，请轻敲门"),
    DemoNeed("groceries", 4, (("大米 5kg", 1), ("食用油 1.8L", 1))),
    DemoNeed("groceries", 9, (("土豆 1kg", 2), ("西红柿 1kg", 1), ("猪肉 500g", 1))),
    DemoNeed("groceries", 5, (("婴儿奶粉 800g", 1),), "宝宝只剩两天的奶粉"),
    DemoNeed("groceries", 6, (("挂面 1kg", 2), ("酱油 500ml", 1))),
    DemoNeed("medicine", 7, (("布洛芬 20片", 1), ("体温计", 1))),
    DemoNeed("groceries", 12, (("饮用水 12瓶", 2),)),
    DemoNeed("groceries", 15, (("大米 5kg", 2), ("鸡蛋 30枚", 1))),
    DemoNeed("groceries", 0, (("大米 5kg", 1), ("豆腐 400g", 2))),
    DemoNeed("groceries", 18, (("蔬菜包 5kg", 1), ("水果包 3kg", 1))),
    DemoNeed("medicine", 20, (("降糖药 30片", 2),)),
    DemoNeed("groceries", 22, (("卫生纸 10卷", 1), ("垃圾袋 50只", 1))),
    # No shop has these: the board says why.
    DemoNeed("groceries", 23, (("生日蛋糕", 1),), "孩子周岁"),
)
SERVICE_NEEDS = (
    DemoNeed("elder_help", 1, (("帮忙量血压、倒垃圾", 1),)),
    DemoNeed("repair", 8, (("厨房水龙头漏水", 1),)),
    DemoNeed("company", 1, (("想找人聊聊天", 1),)),
    DemoNeed("pet_care", 10, (("隔离期间请代遛狗", 1),)),
    DemoNeed("child_care", 11, (("双职工，需照看孩子一小时", 1),)),
    DemoNeed("elder_help", 13, (("上门理发", 1),), is_by_phone=True),
    DemoNeed("repair", 14, (("门锁打不开", 1),)),
    DemoNeed("medical_trip", 16, (("透析，需要陪同出门", 1),)),
)


@dataclass(frozen=True)
class DemoHelper:
    """Somebody who helps; the first two are the demo accounts of those names."""

    kind: str
    vehicle: str
    skills: tuple[str, ...] = ()
    account: str | None = None


HELPERS = (
    DemoHelper("courier", "trike", account="courier"),
    DemoHelper("volunteer", "walk", ("care", "repair", "listening"), account="volunteer"),
    DemoHelper("courier", "cart"),
    DemoHelper("courier", "cart"),
    DemoHelper("courier", "walk"),
    DemoHelper("courier", "unmanned"),
    DemoHelper("volunteer", "walk", ("care", "escort")),
    DemoHelper("volunteer", "walk", ("child_care", "pets")),
    DemoHelper("volunteer", "walk", ("listening",)),
)
