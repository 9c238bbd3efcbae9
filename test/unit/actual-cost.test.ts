import { getOperationAST, type OperationDefinitionNode, parse } from 'graphql'
import { actualCost } from '../../src/graphql/engine/limits/actual-cost'

function cost(query: string, data: unknown, variables: Record<string, unknown> = {}): number {
  const document = parse(query)
  return actualCost(document, getOperationAST(document) as OperationDefinitionNode, variables, data)
}

describe('What an answer came to', () => {
  it.each<[string, string, unknown, number]>([
    ['values', '{ viewer { name role } }', { viewer: { name: 'a', role: 'ADMIN' } }, 1 + 2 / 50],
    ['objects of a list', '{ users { id } }', { users: [{ id: 1 }, { id: 2 }] }, 2 * (1 + 1 / 50)],
    ['what was looked for and not there', '{ nodes { id } user { id } }', { nodes: [null, { id: 1 }], user: null }, 3 + 1 / 50],
    ['counts', '{ users { totalCount } }', { users: { totalCount: 5 } }, 11],
    ['counts of a list under a filter', '{ users(filter: {}) { ... on Users { totalCount } } }', { users: { totalCount: 5 } }, 101],
    ['kept counts', '{ statusCounts { count } }', { statusCounts: [] }, 5],
    ['counts under a filter', '{ causes(filter: { fixer: USER }) { key } }', { causes: [] }, 250],
    ['counts under a filter that may be a default', 'query ($f: F = {}) { causes(filter: $f) { key } }', { causes: [] }, 250],
    ['names as the caller chose them', '{ a: users { b: id } }', { a: [{ b: 1 }] }, 1 + 1 / 50],
    ['nothing that was left out', '{ users { id name @skip(if: true) } }', { users: [{ id: 1 }] }, 1 + 1 / 50],
    ['nothing of another type', '{ node { ... on User { id } ... on Customer { name } } }', { node: { id: 1 } }, 1 + 1 / 50],
    ['a fragment once', '{ user { ...A ...A } } fragment A on User { id }', { user: { id: 1 } }, 1 + 1 / 50],
    ['nothing where there is no data', '{ viewer { name } }', null, 0],
  ])('counts %s', (_name, query, data, expected) => {
    expect(cost(query, data)).toBeCloseTo(expected)
  })

  it('takes a filter that is null for none', () => {
    expect(cost('query ($f: F) { causes(filter: $f) { key } }', { causes: [] }, { f: null })).toBe(5)
  })

  it('is reckoned at once, also where fragments double at each step and have nothing to say', () => {
    const steps = Array.from({ length: 60 }, (_, step) => `fragment F${step} on Query { ...F${step + 1} ...F${step + 1} }`).join('\n')
    expect(cost(`{ ...F0 } ${steps} fragment F60 on Query { viewer @skip(if: true) { name } }`, {})).toBe(0)
  })
})
