"""The steps of VIS, each with the rows that decide it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from entrepot.domain.catalog.visibility import Ground, Place, Ruling, Shelf
from entrepot.features.catalog.explaining import showing
from entrepot.features.catalog.explaining.facts import ProductFacts
from entrepot.features.catalog.explaining.world import Seeker, fold, maybe, place
from entrepot.features.people.explaining.models import StepOutcome
from entrepot.features.people.explaining.steps import passed, row, step

Values = dict[str, Any]


def sight_steps(facts: ProductFacts, seen: Ruling, seeker: Seeker) -> list[Values]:
    """From the product to what shows it, in the order of the rule."""
    return [
        _product(facts, seen),
        _catalogs(facts, seen, seeker),
        _grants(facts, seen, seeker),
        _categories(facts, seen, seeker),
    ]


def _product(facts: ProductFacts, seen: Ruling) -> Values:
    family = [(facts.product, seen.active)]
    if facts.parent is not None:
        family.append((facts.parent, seen.parent_active))
    fails = seen.ground is Ground.PRODUCT
    rows = [
        row(
            "Product",
            each["ID"],
            "Active is true" if active else "Active is false",
            showing.product(each["ID"]),
            decides=fails and not active,
        )
        for each, active in family
    ]
    if not seen.active:
        message = "The product is not active"
    elif not seen.parent_active:
        message = "The parent of the product is not active, nor is then the product"
    else:
        message = "The product is active" + (", and so is its parent" if facts.parent else "")
    return step("Product", passed(not fails), message, rows, decides=fails)


def _catalogs(facts: ProductFacts, seen: Ruling, seeker: Seeker) -> Values:
    """Step 2: which catalogs hold the product, and are the buyer's."""
    source = (facts.parent or facts.product)["ID"]
    rows: list[Values] = []
    for each in facts.rows["catalogs"]:
        counts = fold(each["ID"]) in seen.catalogs
        asked = maybe(seeker.catalog) in (None, fold(each["ID"]))
        says = "is active" if each["Active"] else "is not active"
        says += "" if asked else ", and is not the catalog that is asked for"
        rows.append(row("Catalog", each["ID"], says, showing.catalog(each["ID"]), decides=not counts))
        rows.append(_holds(each["ID"], source))
    rows += [_assignment(each) for each in facts.rows["catalog_rows"]]
    for each in facts.rows["unassigned"]:
        where = showing.catalog_products(each["CatalogID"], source)
        rows.append(row("Catalog", each["CatalogID"], "holds it, and is not assigned to the buyer", where))
    for each in facts.rows["lacking"]:
        where = showing.catalog(each["CatalogID"])
        rows.append(
            row("Catalog", each["CatalogID"], "is assigned to the buyer, and does not hold it", where)
        )
    if seen.catalogs:
        message = f"Active catalogs of the buyer that hold it: {len(seen.catalogs)}"
    elif facts.rows["catalogs"]:
        message = "Of the buyer's catalogs that hold it none is active" + (
            "" if seeker.catalog is None else " and the one that is asked for"
        )
    else:
        message = "No catalog that is assigned to the buyer holds it"
    decides = seen.ground is Ground.CATALOGS
    return step("Catalogs", passed(bool(seen.catalogs)), message, rows, decides=decides)


def _holds(catalog: str, source: str) -> Values:
    where = showing.catalog_products(catalog, source)
    return row("CatalogProductAssignment", f"{catalog}/{source}", "the catalog holds it", where)


def _assignment(each: Values) -> Values:
    party = each["BuyerID"] or each["BuyerGroupID"]
    says = f"ViewAllProducts is {_flag(each['ViewAllProducts'])}"
    where = showing.catalog_assignments(each["CatalogID"], each["BuyerID"], each["BuyerGroupID"])
    return row("CatalogAssignment", f"{each['CatalogID']}/{party}", says, where)


def _grants(facts: ProductFacts, seen: Ruling, seeker: Seeker) -> Values:
    """Step 3: assignments to the buyer, or to a group of the user."""
    source, decides = (facts.parent or facts.product)["ID"], seen.ground is Ground.GRANT
    rows = [
        row(
            "ProductAssignment",
            _party(source, seeker.buyer, each["UserGroupID"]),
            f"is for {_whom(each['UserGroupID'])}",
            showing.product_assignments(source, seeker.buyer, each["UserGroupID"]),
            decides=decides,
        )
        for each in facts.rows["product_rows"]
        if fold(each["ProductID"]) == fold(source)
    ]
    for each in facts.rows["others"]:
        own = fold(each["BuyerID"]) == fold(seeker.buyer)
        says = "is for a group that the user is not in" if own else "is for another buyer"
        where = showing.product_assignments(source, each["BuyerID"], each["UserGroupID"])
        rows.append(
            row("ProductAssignment", _party(source, each["BuyerID"], each["UserGroupID"]), says, where)
        )
    if seen.granted:
        message = (
            "It is assigned to the buyer or to a group of the user, which shows it whatever categories say"
        )
    else:
        message = "It is assigned neither to the buyer nor to a group of the user"
    outcome = StepOutcome.PASSED if seen.granted else StepOutcome.NOTED
    return step("ProductAssignments", outcome, message, rows, decides=decides)


def _categories(facts: ProductFacts, seen: Ruling, seeker: Seeker) -> Values:
    """Steps 4 and 5: what its places in the buyer's catalogs show."""
    decides = seen.ground in (Ground.CATALOG, Ground.CATEGORY, Ground.NOTHING)
    shows = seen.ground in (Ground.CATALOG, Ground.CATEGORY)
    rows: list[Values] = []
    assigned = _by(facts.rows["catalog_rows"], lambda each: fold(each["CatalogID"]))
    for catalog in seen.loose:
        rows += _of_assignments(assigned[catalog], seen, decides=decides)
    said = _Said(facts, seeker)
    for each in seen.shelves:
        rows += said.rows(each, decides=decides and each.is_open is shows)
        if each.dark is None and each.shows.at is None:
            rows += _of_assignments(assigned[each.place[0]], seen, decides=decides and each.is_open is shows)
    if seen.ground is Ground.CATALOG:
        message = "It is in no category of a catalog whose assignment shows all products"
    elif any(each.is_open for each in seen.shelves):
        message = "It is in a category that is active with all above it, and whose products the buyer or a group may all see"
    elif not seen.catalogs:
        message = "Without a catalog there is no category to look at"
    elif not seen.shelves:
        message = "It is in no category, and no assignment of its catalogs shows all products"
    else:
        message = "No category that it is in shows its products to the buyer or to a group of the user"
    found = shows or any(each.is_open for each in seen.shelves)
    outcome = passed(found) if decides else StepOutcome.NOTED
    return step("Categories", outcome, message, rows, decides=decides)


def _by(rows: Iterable[Values], key: Callable[[Values], Any]) -> Mapping[Any, list[Values]]:
    found: defaultdict[Any, list[Values]] = defaultdict(list)
    for each in rows:
        found[key(each)].append(each)
    return found


def _of_assignments(rows: Iterable[Values], seen: Ruling, *, decides: bool) -> Iterable[Values]:
    """A catalog's assignments, which say what categories without a word of their own show."""
    for each in rows:
        shows = seen.seen[fold(each["CatalogID"])]["view_all_products"]
        yield _assignment(each) | {"Decides": decides and bool(each["ViewAllProducts"]) is shows}


class _Said:
    """The rows of categories."""

    def __init__(self, facts: ProductFacts, seeker: Seeker) -> None:
        self._buyer = seeker.buyer
        self._spelled = {
            place(each, "ID"): (each["CatalogID"], each["ID"]) for each in facts.rows["categories"]
        }
        self._assigned = _by(facts.rows["category_rows"], lambda each: place(each, "CategoryID"))

    def rows(self, shelf: Shelf, *, decides: bool) -> Iterable[Values]:
        """A category that holds the product, and what closes it or says what it shows."""
        catalog, category = self._spelled[shelf.place]
        says = "holds it"
        if shelf.dark is not None:
            says += (
                ", and is not active" if shelf.dark == shelf.place[1] else ", below one that is not active"
            )
        where = showing.category(catalog, category)
        own = shelf.dark == shelf.place[1]
        yield row("Category", f"{catalog}/{category}", says, where, decides=decides and own)
        if shelf.dark is not None:
            if not own:
                yield self._dark((shelf.place[0], shelf.dark), decides=decides)
            return
        if shelf.shows.at is not None:
            yield from self._saying((shelf.place[0], shelf.shows.at), shelf, decides=decides)

    def _dark(self, where: Place, *, decides: bool) -> Values:
        catalog, category = self._spelled[where]
        shown = showing.category(catalog, category)
        return row("Category", f"{catalog}/{category}", "is not active", shown, decides=decides)

    def _saying(self, at: Place, shelf: Shelf, *, decides: bool) -> Iterable[Values]:
        """What is said at a category: by groups, else by the buyer's row (CTY-5)."""
        here = self._assigned[at]
        said = [each for each in here if each["ViewAllProducts"] is not None]
        of_groups = any(each["UserGroupID"] is not None for each in said)
        for each in here:
            flag, group = each["ViewAllProducts"], each["UserGroupID"]
            counts = flag is shelf.shows.value and (group is not None) is of_groups
            says = f"ViewAllProducts is {_flag(flag)} for {_whom(group)}"
            yield row(
                "CategoryAssignment",
                f"{each['CatalogID']}/{_party(each['CategoryID'], self._buyer, group)}",
                says,
                showing.category_assignments(each["CatalogID"], each["CategoryID"], self._buyer, group),
                decides=decides and counts,
            )


def _party(thing: str, buyer: str, group: str | None) -> str:
    return f"{thing}/{buyer}" + ("" if group is None else f"/{group}")


def _whom(group: str | None) -> str:
    return "the buyer" if group is None else "a group of the user"


def _flag(value: bool | None) -> str:
    return "null" if value is None else str(value).lower()
