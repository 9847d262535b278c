"""Product facets: an xp path has one at most (FAC-2)."""

from __future__ import annotations

from tests.api.marketplace import Api, codes

PATH = "/v1/productfacets"
TAKEN = ["ProductFacet.XpPathInUse"]


async def test_paths_are_unique(api: Api, other: Api) -> None:
    """Also the path that a facet without one has by its ID; xp keys differ by case, marketplaces are apart."""
    http = api.seller

    async def put(facet: str, path: str | None) -> list[str]:
        answer = await http.put(f"{PATH}/{facet}", json={"Name": "F", "XpPath": path})
        return [] if answer.status_code == 200 else codes(answer)

    assert await put("Color", None) == []
    assert await put("Size", "") == []
    assert await put("a", "Facets.Color") == []
    assert await put("b", "Facets.Color") == TAKEN
    assert await put("b", "Color") == TAKEN
    assert await put("b", "Size") == TAKEN
    assert await put("b", "facets.color") == []
    assert await put("b", "Brand") == []
    assert await put("Brand", None) == TAKEN
    assert codes(await http.patch(f"{PATH}/a", json={"XpPath": "Brand"})) == TAKEN
    assert codes(await http.patch(f"{PATH}/Color", json={"ID": "Brand"})) == TAKEN
    assert (await http.patch(f"{PATH}/Color", json={"XpPath": "Color"})).status_code == 200
    assert codes(await http.post(PATH, json={"ID": "COLOR", "Name": "F", "XpPath": "Color"})) == ["IdExists"]
    assert (await other.seller.put(f"{PATH}/x", json={"Name": "F", "XpPath": "Brand"})).status_code == 200
