"""Everything under /api/c/<community>/money, and what providers call."""

from server.kit.http import area_blueprint, root_blueprint

bp = area_blueprint("money", __name__)
root = root_blueprint("money_root", __name__)
