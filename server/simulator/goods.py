"""The shops of the town and what they have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goods:
    """An item as a shop lists it."""

    name: str
    name_en: str
    unit: str
    price_fen: int
    weight_g: int
    volume_ml: int


@dataclass(frozen=True)
class Shop:
    """``distance_m``: from the shop to the gate."""

    name: str
    name_en: str
    distance_m: int
    goods: tuple[Goods, ...]


RICE = Goods("大米 5kg", "Rice 5 kg", "袋", 3290, 5000, 6000)
NOODLES = Goods("挂面 1kg", "Noodles 1 kg", "把", 890, 1000, 2000)
EGGS = Goods("鸡蛋 30枚", "Eggs, 30", "盘", 2680, 2000, 6000)
MILK = Goods("鲜牛奶 1L", "Milk 1 l", "盒", 1250, 1050, 1200)
GREENS = Goods("青菜 500g", "Greens 500 g", "份", 450, 500, 2500)
TOFU = Goods("豆腐 400g", "Tofu 400 g", "盒", 350, 450, 500)
VEGETABLES = Goods("蔬菜包 5kg", "Vegetable box 5 kg", "箱", 4900, 5000, 15000)
WATER = Goods("饮用水 12瓶", "Water, 12 bottles", "箱", 1800, 6500, 9000)
PAPER = Goods("卫生纸 10卷", "Toilet paper, 10 rolls", "提", 2290, 1200, 14000)
PRESSURE = Goods("降压药 28片", "Blood-pressure tablets, 28", "盒", 3850, 60, 200)
SUGAR = Goods("降糖药 30片", "Blood-sugar tablets, 30", "盒", 4290, 60, 200)
MASKS = Goods("口罩 50只", "Masks, 50", "盒", 1980, 250, 1800)

# Every item is to be had in two shops: what one of them lacks, another one has.
SHOPS = (
    Shop("海棠超市", "Haitang Supermarket", 350, (RICE, NOODLES, EGGS, MILK, GREENS, WATER, PAPER)),
    Shop("木槿超市", "Mujin Supermarket", 600, (RICE, NOODLES, EGGS, MILK, TOFU, WATER, PAPER)),
    Shop("清晨菜场", "Morning Greengrocer", 800, (VEGETABLES, GREENS, TOFU, EGGS)),
    Shop("泽兰菜场", "Zelan Greengrocer", 950, (VEGETABLES, GREENS, TOFU, NOODLES)),
    Shop("连翘大药房", "Lianqiao Pharmacy", 520, (PRESSURE, SUGAR, MASKS)),
    Shop("茯苓药店", "Fuling Pharmacy", 700, (PRESSURE, SUGAR, MASKS)),
)
