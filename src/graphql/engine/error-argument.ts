import { type ArgumentNode, type ASTNode, type GraphQLError, Kind, type ObjectFieldNode, parse, type Source, visit } from 'graphql'

/** `Field "RetryActivationInput.userId" of required type "ID!" was not provided.`, and the like for a field that is not there. */
const FIELD = /(?:^|; )Field "(?:\w+\.)?(\w+)" (?:of required type|is not defined)/
/** `Field "retryActivation" argument "input" of type "RetryActivationInput!" is required, but it was not provided.` */
const ARGUMENT = /argument "(\w+)" of type/
/** `Variable "$input" got invalid value 42 at "input.users[0].email"; …` */
const PATH = / at "\w+((?:\.\w+|\[\d+\])*\.\w+)(?:\[\d+\])*"; /

/** The argument or input field that a document or its variables got wrong: the GraphQL engine does not always name it. */
export function argumentToBlame({ message, nodes }: GraphQLError): string | undefined {
  const named = FIELD.exec(message)?.[1] ?? ARGUMENT.exec(message)?.[1] ?? PATH.exec(message)?.[1]?.split('.').at(-1)
  const node = nodes?.at(-1)
  return named ?? (node ? argumentAround(node) : undefined)
}

/** The innermost argument or input field that has the node in it; for the definition of a variable, the one that gets its value. */
function argumentAround(node: ASTNode): string | undefined {
  const { loc } = node
  if (!loc) return undefined
  const variable = node.kind === Kind.VARIABLE_DEFINITION ? node.variable.name.value : null
  const around = argumentsIn(loc.source).filter(each => {
    const surrounds = each.loc !== undefined && each.loc.start <= loc.start && loc.end <= each.loc.end
    return surrounds || (each.value.kind === Kind.VARIABLE && each.value.name.value === variable)
  })
  return around.at(-1)?.name.value
}

/** A document may have a hundred errors, and is read once for all of them. */
const known = new WeakMap<Source, (ArgumentNode | ObjectFieldNode)[]>()

/** The arguments and input fields of a document, outer ones first. */
function argumentsIn(source: Source): (ArgumentNode | ObjectFieldNode)[] {
  const read = known.get(source)
  if (read) return read
  const found: (ArgumentNode | ObjectFieldNode)[] = []
  visit(parse(source), { Argument: node => void found.push(node), ObjectField: node => void found.push(node) })
  known.set(source, found)
  return found
}
