import { useGraphiQL } from '@graphiql/react'
import { type GraphQLSchema, OperationTypeNode } from 'graphql'
import { useContext, useEffect, useId, useState } from 'react'
import { TokenContext } from '../token-context'
import { ExampleDetails } from './example-details'
import { type ExampleOperation, exampleOperations } from './example-operations'
import { findOwnObjects, type OwnObjects } from './own-objects'

const GROUPS = [
  { title: 'Queries', kind: OperationTypeNode.QUERY },
  { title: 'Mutations', kind: OperationTypeNode.MUTATION },
  { title: 'Subscriptions', kind: OperationTypeNode.SUBSCRIPTION },
]

/** The list of everything that the API can be asked for; who chooses one sees how. */
export function ExamplesPane() {
  const token = useContext(TokenContext)
  const schema = useGraphiQL(state => state.schema)
  const own = useOwnObjects(token)
  const [search, setSearch] = useState('')
  const [chosen, setChosen] = useState<string | null>(null)
  const wanted = search.trim().toLowerCase()
  const found = exampleOperations.filter(example => {
    return `${example.rootField} ${descriptionOf(example, schema)}`.toLowerCase().includes(wanted)
  })

  return (
    <section className="examples" aria-label="Examples">
      <h2>Examples</h2>
      <input
        type="search"
        aria-label="Search the examples"
        placeholder="Search the examples"
        value={search}
        onChange={event => setSearch(event.target.value)}
      />
      <p role="status" className="examples-hint">
        {wanted && `${found.length} of ${exampleOperations.length}`}
      </p>
      {!token && <p className="examples-hint">With a token, the descriptions and IDs of your own data stand here.</p>}
      {GROUPS.map(({ title, kind }) => (
        <ExampleGroup
          key={kind}
          title={title}
          examples={found.filter(example => example.kind === kind)}
          schema={schema}
          own={own}
          chosen={chosen}
          onChoose={name => setChosen(name === chosen ? null : name)}
        />
      ))}
    </section>
  )
}

interface ExampleGroupProps {
  title: string
  examples: ExampleOperation[]
  schema: GraphQLSchema | null | undefined
  own: OwnObjects | null
  chosen: string | null
  onChoose: (rootField: string) => void
}

function ExampleGroup({ title, examples, schema, own, chosen, onChoose }: ExampleGroupProps) {
  const id = useId()
  if (examples.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {examples.map(example => {
          const { rootField } = example
          const description = descriptionOf(example, schema)
          const isChosen = rootField === chosen
          return (
            <li key={rootField} className={isChosen ? 'example chosen' : 'example'}>
              <div className="example-name">
                <button
                  type="button"
                  aria-expanded={isChosen}
                  aria-controls={isChosen ? `${id}-${rootField}` : undefined}
                  aria-describedby={isChosen || !description ? undefined : `${id}-${rootField}-description`}
                  onClick={() => onChoose(rootField)}
                >
                  {rootField}
                </button>
                {!isChosen && description && <p id={`${id}-${rootField}-description`}>{description.replaceAll('`', '')}</p>}
              </div>
              {isChosen && <ExampleDetails id={`${id}-${rootField}`} example={example} description={description} own={own} />}
            </li>
          )
        })}
      </ul>
    </>
  )
}

/** What the schema says of it; empty before the schema is there. */
function descriptionOf({ kind, rootField }: ExampleOperation, schema: GraphQLSchema | null | undefined): string {
  return schema?.getRootType(kind)?.getFields()[rootField]?.description ?? ''
}

/** Asked for when the pane opens, and again for another token. */
function useOwnObjects(token: string): OwnObjects | null {
  const [own, setOwn] = useState<OwnObjects | null>(null)
  useEffect(() => {
    setOwn(null)
    if (!token) return
    const abandoning = new AbortController()
    void findOwnObjects(token, abandoning.signal).then(found => {
      if (!abandoning.signal.aborted) setOwn(found)
    })
    return () => abandoning.abort()
  }, [token])
  return own
}
