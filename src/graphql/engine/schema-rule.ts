import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql'

/** By which a caller asks for the schema: two fields of the language, and one for federation gateways. */
const ASK_FOR_SCHEMA = ['__schema', '__type', '_service']

/** The engine's own rule tells the caller how to configure the engine, and lets the gateway's question through. */
export function refuseAskingForSchema(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      if (!ASK_FOR_SCHEMA.includes(node.name.value)) return
      const message = `This server does not tell its schema: \`${node.name.value}\` is introspection, which is turned off here.`
      context.reportError(new GraphQLError(`${message} The schema comes as a file with each release.`, { nodes: [node] }))
    },
  }
}
