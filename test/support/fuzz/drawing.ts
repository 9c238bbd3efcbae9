import fc from 'fast-check'

/** One choice after another, each of which fast-check makes smaller when it has found a failure. */
export type Draw = fc.GeneratorValue

/** What a function makes of random choices. */
export function drawn<Made>(make: (draw: Draw) => Made): fc.Arbitrary<Made> {
  return fc.gen().map(make)
}

/** Smaller choices are ordinary ones: so the less likely is what comes last. */
export function chance(draw: Draw, percent: number): boolean {
  return draw(fc.nat, 99) >= 100 - percent
}

export function pick<Item>(draw: Draw, items: readonly Item[]): Item {
  return items[draw(fc.nat, items.length - 1)] as Item
}

/** Up to so many, and fewer when a failure is made smaller. */
export function count(draw: Draw, max: number): number {
  return draw(fc.nat, max)
}

export function times<Item>(number: number, make: (index: number) => Item): Item[] {
  return Array.from({ length: number }, (_, index) => make(index))
}
