"""Names of places: the official street before them, and what makes a name doubtful."""

from __future__ import annotations

import re

from server.modules.zones.rules.structure import NotUnderstood, Unclear, Within

# 双街镇 is a town, 杭州道街道 a street: the shortest name that ends where a place's own name may begin.
CITY = r"(?P<city>[一-鿿]{2,3}市)?(?P<district>[一-鿿]{1,3}?新?[区县])?"
STREET = re.compile(rf"^{CITY}(?P<street>[一-鿿()]{{1,10}}?(?:街道|街(?![镇道])|镇|乡))(?P<rest>.*)$")
# Areas that are run like streets without being called so.
ZONE = re.compile(
    rf"^{CITY}(?P<street>中新[一-鿿]{{2}}生态城|生态城|(?:[一-鿿]{{2}})?经济技术开发区|开发区)(?P<rest>.+)$"
)
CITY_ALONE = re.compile(r"^(?P<city>[一-鿿]{2,3}市)(?P<district>[一-鿿]{1,3}?新?[区县])(?P<rest>.+)$")

BORDER = re.compile(r"[东西南北前后左右][至到]|以[东西南北]|四至|合围|交口|\d+米|围墙|路段|临街|为界")
PART = re.compile(
    r"平房|区域$|内$|旁|附近|对面|两侧|[东西南北]侧|侧面|底商|车棚|地下|公厕|厕所|院内|"
    r"[前后东西南北]楼$|小[一二三四两]层?楼|[一二三四五]层|[一二三]楼|宿舍楼|物业楼|办公楼|售楼处|"
    r"其他|其余|其它|部分|周边|及|单号|双号|片区|[前后新老]小?楼$"
)
ADDRESS = re.compile(
    r"村[东西南北头前后](?![里园区苑])|[路街道巷][东西南北]|大街.侧|胡同|[一二三四五六七八九十]+[条巷排]$|(?<!街)[路巷道]$|[街路道巷][0-9一二三四五六七八九十]+号"
)
# A number that belongs to a name: 3期, 2区, 1号院, 第五村.
NAMED_NUMBER = re.compile(r"[0-9]{1,4}(?:期|区|号院|院|村|委|里)")
SECTION = re.compile(r"^(?:[0-9A-Z一二三四五六七八九十]+[期区村]|[东西南北前后]区|高层|别墅区?$)")
REMARK_IN_NAME = re.compile(r"\(([^()]{1,2}[区园期]|[^()]{1,6}店)\)")
JOINED_SHOPS = re.compile(r"(?:店|馆|超市|公司|市场)[和与]")
# What is no name but a number that was not read: 壹号楼, 廿 before 1号楼, 二十一至.
UNREAD_NUMBER = re.compile(
    r"(?:号楼|号门|号单元|单元|栋|幢)$|(?:至|到|暨|或|并)$|[〇零廿卅壹贰叁肆伍陆柒捌玖拾]+$"
)
# What says that something else is meant than what is named.
TURNED = re.compile(r"不含|不包|不在|不计|包括|包含|其中|仅限")
KNOWN_ENDING = re.compile(
    r"(?:里|园|区|村|苑|家园|公寓|庭|城|厦|坊|府|居|湾|郡|墅|轩|庄|寓|社区|嘉|岸|邸|台|邨|院|典|广场|"
    r"超市|市场|商场|商店|餐厅|饭店|浴池|诊所|药店|酒店|宾馆|旅馆|菜馆|服务区|公司|栋境)$"
)


def without_street(words: str, *, is_first: bool) -> tuple[Within, str]:
    """Return (where it says it is, the rest). A later place of a listing has a street only where that is beyond doubt.

    The street itself is the place where nothing follows it.
    """
    for pattern in (ZONE, STREET):
        found = pattern.match(words)
        if not found:
            continue
        street, rest = found["street"], found["rest"]
        if not is_first and street.endswith("街") and not re.search(r"[0-9]", rest):
            continue
        within = Within(found["district"] or "", street if rest else "", is_sure=bool(found["city"]))
        return within, rest or street
    found = CITY_ALONE.match(words)
    if found and is_first:
        return Within(found["district"], "", is_sure=True), found["rest"]
    return Within(), words


def check_name(name: str, *, has_spots: bool, is_first: bool, has_buildings: bool = False) -> str:
    """Return the name of a place. Raises NotUnderstood for words that may be more, or less, than a name."""
    bare = REMARK_IN_NAME.sub("", name)
    for pattern, why in ((BORDER, Unclear.BORDER), (PART, Unclear.PART), (ADDRESS, Unclear.ADDRESS)):
        # A compound may be called after its road; the doors of a road alone are an address.
        is_road = has_buildings and pattern is ADDRESS and bare.endswith(("路", "道"))
        if pattern.search(bare) and not is_road:
            raise NotUnderstood(why, name)
    if "(" in bare or ")" in bare:
        raise NotUnderstood(Unclear.REMARK, name)
    if re.search(r"[0-9]", NAMED_NUMBER.sub("", bare)):
        raise NotUnderstood(Unclear.NUMBERS, name)
    if UNREAD_NUMBER.search(bare):
        raise NotUnderstood(Unclear.NUMBERS, name)
    if re.search(r"除|高风险|中风险|低风险", bare) or TURNED.search(bare):
        raise NotUnderstood(Unclear.EXCLUSION, name)
    if JOINED_SHOPS.search(bare) or not re.match(r"[一-鿿A-Za-z0-9]", name):
        raise NotUnderstood(Unclear.NAME, name)
    if len(bare) < 2 or re.search(r"[^一-鿿A-Za-z0-9·]", bare):
        raise NotUnderstood(Unclear.NAME, name)
    if SECTION.match(bare):
        raise NotUnderstood(Unclear.SECTION, name)
    if not is_first and not has_spots and not KNOWN_ENDING.search(bare):
        raise NotUnderstood(Unclear.NAME, name)
    return name
