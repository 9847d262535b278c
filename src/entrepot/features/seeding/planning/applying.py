"""Doing what a plan says, within one transaction of the marketplace: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import groupby

from entrepot.declare.operation import Operation
from entrepot.declare.registry import Registry
from entrepot.engine.recording import Recording
from entrepot.features.seeding.batches import NOTHING, Single
from entrepot.features.seeding.calls import Acting, SeedCalls
from entrepot.features.seeding.chunks import chunks
from entrepot.features.seeding.comparing.forms import Forms
from entrepot.features.seeding.derived import settle
from entrepot.features.seeding.handling import Handling
from entrepot.features.seeding.kinds import ANY
from entrepot.features.seeding.own.codes import GENERATE, generate_missing
from entrepot.features.seeding.own.collections import CHECK, ENTRIES, refuse_full
from entrepot.features.seeding.placeholders import Placeholders
from entrepot.features.seeding.planning.bodies import Bodies
from entrepot.features.seeding.planning.plan import Action, Plan, Step
from entrepot.features.seeding.planning.writes import writes_of
from entrepot.features.seeding.problems import Problems
from entrepot.features.seeding.statistics import Statistics
from entrepot.features.seeding.variants import VARIANTS, VariantPlan

MANY = 500
"""Steps from which on records of a kind are judged together (together.py). What these leave out is computed for all of the
marketplace, which takes its time where that is large.
"""
LATE = {"Specs": "DefaultOptionID"}
"""Of a kind, the property that names what is written after it."""

COUNT = "GeneratedCodeCount"
GENERATING = ("SaveVariant", "GenerateVariants")

Advance = Callable[[int], None]


class Applying:
    """Of one marketplace, on the recording connection of its unit. `problems` are refused after each kind."""

    def __init__(
        self,
        recording: Recording,
        registry: Registry,
        calls: SeedCalls,
        acting: Acting,
        placeholders: Placeholders,
        problems: Problems,
        advance: Advance = lambda _: None,
    ) -> None:
        marketplace = acting.caller.marketplace
        self._recording = recording
        self._marketplace_id = acting.caller.marketplace_id
        self._registry = registry
        self._handling = Handling(recording, calls, acting, problems)
        self._bodies = Bodies(Forms(registry, marketplace), placeholders)
        self._problems = problems
        self._advance = advance
        self._statistics = Statistics(recording.connection)
        self._settles = False

    async def run(self, plan: Plan) -> None:
        """Raises SeedRefusedError for what the API refuses; then the caller undoes the unit."""
        writes = [step for step in plan.steps if step.action is not Action.DELETE]
        for (name, action), found in groupby(writes, lambda step: (step.kind.name, step.action)):
            steps = list(found)
            if name == "Variants" and action is Action.CREATE:
                await self._variants(writes, steps)
            else:
                await self._write(steps, action)
        if not any(step.kind.name == "Variants" and step.action is Action.CREATE for step in writes):
            await self._variants(writes, [])
        await self._codes(writes, plan.coded)
        await self._late(writes)
        await self._delete([step for step in plan.steps if step.action is Action.DELETE])
        if any(step.kind.name == ENTRIES.name for step in writes):
            await refuse_full(self._handling.call(CHECK, self._recording, NOTHING), self._problems)
        if self._settles:
            async for _ in settle(self._recording, self._marketplace_id):
                pass
            await self._statistics.finish(followed=False)

    async def _write(self, steps: Sequence[Step], action: Action) -> None:
        """Records of a kind that are all created, or all changed."""
        kind = steps[0].kind
        writes = writes_of(kind, self._registry)
        operation = writes.create if action is Action.CREATE else writes.change
        assert operation is not None
        late = LATE.get(kind.name, "")
        # What stands below others of its kind comes after them, and not together with them.
        for level in _levels(steps):
            singles = (self._bodies.single(step, operation, without=late) for step in level)
            await self._handle(operation, singles, kind.together, len(level))

    async def _handle(
        self, operation: Operation, singles: Iterable[Single], together: str, count: int
    ) -> None:
        """Raises SeedRefusedError."""
        # Who listens outside hears of each record by its own statement.
        if count < MANY or self._recording.wanted:
            for single in singles:
                await self._handling.alone(operation, [single])
                self._advance(1)
        else:
            self._settles = True
            self._statistics.begin()
            for some in chunks(list(singles), together):
                await self._handling.together(operation, some, self._between)
        self._problems.refuse()

    async def _between(self, count: int) -> None:
        await self._statistics.keep_up(count)
        self._advance(count)

    async def _variants(self, writes: Sequence[Step], steps: Sequence[Step]) -> None:
        """Generate the variants of products that get some, and save those of `steps` under the IDs that their options have got."""
        plan = VariantPlan()
        for step in writes:
            if step.kind.name == "Products" and _gets_variants(step):
                assert step.wished is not None
                plan.take_product(step.wished.line, step.form)
        save, generate = (self._registry.operations[f"Products.{name}"] for name in GENERATING)
        singles = [self._bodies.single(step, save) for step in steps]
        for single in singles:
            plan.take_variant(single.line, {"ProductID": single.path["productID"]})
        products = [
            Single(line, f"Products {product}", {"productID": product}, None)
            for line, product in plan.products.values()
        ]
        await self._handle(generate, products, ANY, len(products))
        ids = [product for _, product in plan.products.values()]
        generated = await self._recording.fetch(VARIANTS, self._marketplace_id, ids) if singles else []
        addressed = plan.address(singles, generated, self._problems)
        await self._handle(save, addressed, "ProductID", len(addressed))

    async def _codes(self, writes: Sequence[Step], coded: Container[str]) -> None:
        """Make those of promotions that ask for some and of which the file lists none."""
        asking = [
            step.form["ID"]
            for step in writes
            if step.kind.name == "Promotions" and _is_told(step, COUNT) and step.key[0] not in coded
        ]
        if asking:
            await generate_missing(self._handling.call(GENERATE, self._recording, NOTHING), asking)

    async def _late(self, writes: Sequence[Step]) -> None:
        """Give records the properties that were left out when they were written."""
        for step in writes:
            name = LATE.get(step.kind.name)
            if name is not None and _is_told(step, name):
                operation = writes_of(step.kind, self._registry).change
                assert operation is not None
                await self._handling.alone(operation, [self._bodies.single(step, operation)])
        self._problems.refuse()

    async def _delete(self, steps: Sequence[Step]) -> None:
        for step in steps:
            record = self._bodies.record(step)
            operation = writes_of(step.kind, self._registry).delete(record)
            assert operation is not None
            # What hangs on something else has gone along with it.
            await self._handling.alone(operation, [self._bodies.single(step, operation)], gone=True)
            self._advance(1)
        self._problems.refuse()


def _levels(steps: Sequence[Step]) -> Iterator[list[Step]]:
    for _, level in groupby(steps, lambda step: step.depth):
        yield list(level)


def _gets_variants(step: Step) -> bool:
    if step.action is Action.CREATE:
        return bool(step.form.get("VariantCount"))
    return any(each.path == ("VariantCount",) and each.after for each in step.found)


def _is_told(step: Step, name: str) -> bool:
    if step.action is Action.CREATE:
        return bool(step.form.get(name))
    return any(each.path == (name,) for each in step.found)
