"""Problem texts of places: code → (Chinese, English)."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "places.no_such_file": ("找不到地图文件。", "There is no such map file."),
    "places.bad_map": (
        "这不是可读的 OpenStreetMap 文件（.osm 或 .osm.pbf）。请重新导出。",
        "This is no readable OpenStreetMap file (.osm or .osm.pbf): export it again.",
    ),
    "places.empty_map": (
        "地图是空的：请导出含建筑和道路的区域。",
        "The map is empty: export an area with buildings and roads.",
    ),
    "places.within_not_found": (
        "地图中没有这个名称，也无法定位该地址。",
        "The map has no area of this name, and the address was not found.",
    ),
    "places.within_elsewhere": (
        "该地址不在这张地图的范围内。",
        "The address is outside of this map: export the area around it.",
    ),
    "places.no_buildings": ("该范围内没有建筑。", "There are no buildings within."),
    "places.no_lanes": ("该范围内没有道路。", "There are no lanes within."),
    "places.no_gate": (
        "路网没有大门：请在地图中用 barrier=gate 标出，或用 --within 指定小区轮廓。",
        "The lanes have no gate: tag one as barrier=gate, or name the compound's outline with --within.",
    ),
    "places.no_map_yet": (
        "还没有导入地图：请先运行 linli import-osm。",
        "No map yet: run linli import-osm first.",
    ),
    "places.home_not_found": ("没有这个住户。", "There is no such home."),
    "places.building_not_found": ("没有这栋楼。", "There is no such building."),
    "places.label_taken": ("这个编号已被使用。", "This number or name is taken already."),
    "places.entrance_not_found": ("没有这个单元门。", "There is no such entrance."),
    "places.gate_not_found": ("没有这个大门。", "There is no such gate."),
    "places.lane_not_found": ("没有这条路。", "There is no such lane."),
    "places.standing_point_not_found": ("没有这个停车点。", "There is no such standing point."),
    "places.no_open_gate": ("没有可收货的开放大门。", "No gate is open for goods."),
    "places.no_fire_lane_here": ("附近 30 米内没有消防通道。", "There is no fire lane within 30 m."),
    "places.bad_hours": (
        "开放时段须依次排列、互不重叠（以分钟计，0–1440）。",
        "Opening hours must follow each other without touching (minutes of the day, 0 to 1440).",
    ),
    "places.bad_width": ("道路宽度不合理。", "No lane can be that wide or narrow."),
    "places.reason_missing": ("请写明原因。", "Give the reason."),
    "places.until_is_past": ("结束时间已经过去。", "That time is over already."),
    "places.closed_already": ("这条路已经封闭。", "This lane is closed already."),
    "places.open_already": ("这条路是开放的。", "This lane is open."),
    "places.bad_csv_value": ("表格中有无法识别的内容。", "The table has a value that cannot be read."),
    "places.csv_columns_missing": ("表格缺少列。", "The table lacks columns."),
    "places.csv_too_long": ("表格行数太多。", "The table has too many rows."),
    "places.csv_empty": ("表格没有内容。", "The table is empty."),
    "places.csv_not_utf8": ("请将表格存为 UTF-8 编码。", "Save the table as UTF-8."),
    "places.csv_unknown_lane": ("表格中有不存在的道路。", "The table names a lane that is not there."),
    "places.csv_unknown_entrance": (
        "表格中有不存在的楼栋或单元。",
        "The table names an entrance that is not there.",
    ),
    "places.csv_doubtful_building": (
        "有多个同名楼栋，请先改名。",
        "Several buildings have this name: rename them first.",
    ),
}
